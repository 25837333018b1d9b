// The load of the benchmarks: a client that costs little, and that the makers of neither broker have written. Each command does one thing,
// and prints what it took: milliseconds, or microseconds, a line for each record.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const usage = `usage: load COMMAND BOOTSTRAP [NAME=VALUE ...]

  create       topic= partitions= [CONFIG=VALUE ...]               creates a topic
  produce      topic= partitions= records= size= [codec=] [acks=]  produces as fast as the broker takes it: milliseconds
  compactable  topic= records= size= keys= [acks=]                 the same with keys drawn from so many: milliseconds
  consume      topic= records=                                     reads from the beginning: milliseconds
  tail         topic= records=                                     reads what comes from now on; prints "ready" first
  paced        topic= records= rate= size= [acks=]                 microseconds until each acknowledgement
  end-to-end   topic= records= rate= size=                         microseconds until a consumer has each record
  requests     topic= requests= connections=                       one small record in each request: milliseconds
  connections  count=                                              holds idle connections until its input ends; prints "ready" first
  groups       topic= count=                                       commits an offset in so many groups
`

func main() {
	if len(os.Args) < 3 {
		fail(usage)
	}
	options, err := parse(os.Args[3:])
	if err != nil {
		fail(err.Error() + "\n" + usage)
	}
	if err := run(context.Background(), os.Args[1], os.Args[2], options); err != nil {
		fail(os.Args[1] + ": " + err.Error())
	}
}

func run(ctx context.Context, command, bootstrap string, o options) error {
	switch command {
	case "create":
		return create(ctx, bootstrap, o)
	case "produce":
		return produce(ctx, bootstrap, o)
	case "consume":
		return consume(ctx, bootstrap, o)
	case "tail":
		return tail(ctx, bootstrap, o)
	case "paced":
		return paced(ctx, bootstrap, o)
	case "end-to-end":
		return endToEnd(ctx, bootstrap, o)
	case "requests":
		return requests(bootstrap, o)
	case "compactable":
		return compactable(ctx, bootstrap, o)
	case "connections":
		return connections(bootstrap, o)
	case "groups":
		return groups(ctx, bootstrap, o)
	}
	return fmt.Errorf("there is no such command\n%s", usage)
}

type options map[string]string

func parse(arguments []string) (options, error) {
	o := options{}
	for _, argument := range arguments {
		name, value, found := strings.Cut(argument, "=")
		if !found {
			return nil, fmt.Errorf("%q is not NAME=VALUE", argument)
		}
		o[name] = value
	}
	return o, nil
}

// The number that an option gives; what is missing or no number ends the program, since nothing was begun yet.
func (o options) number(name string) int {
	number, err := strconv.Atoi(o[name])
	if err != nil {
		fail(fmt.Sprintf("%s=%q is not a number", name, o[name]))
	}
	return number
}

func (o options) or(name, otherwise string) string {
	if value, found := o[name]; found {
		return value
	}
	return otherwise
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
