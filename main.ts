console.log("hi", Deno.args)
