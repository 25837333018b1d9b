package main

import (
	"context"
	"fmt"
	"math/rand"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func create(ctx context.Context, bootstrap string, o options) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic = o["topic"]
	topic.NumPartitions = int32(o.number("partitions"))
	topic.ReplicationFactor = 1
	for name, value := range o {
		if name != "topic" && name != "partitions" {
			config := kmsg.NewCreateTopicsRequestTopicConfig()
			config.Name, config.Value = name, &value
			topic.Configs = append(topic.Configs, config)
		}
	}
	request := kmsg.NewPtrCreateTopicsRequest()
	request.TimeoutMillis = 60_000
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	if code := response.Topics[0].ErrorCode; code != 0 {
		return fmt.Errorf("cannot create %s: error code %d", topic.Topic, code)
	}
	return nil
}

// Produces records in batches of up to a megabyte, to all partitions in turn.
func produce(ctx context.Context, bootstrap string, o options) error {
	count, partitions := o.number("records"), o.number("partitions")
	client, err := newProducer(ctx, bootstrap, o,
		kgo.ProducerLinger(5*time.Millisecond),
		kgo.MaxBufferedRecords(count),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	value := payload(o.number("size"), o.or("codec", "none"))
	first := kgo.AbortingFirstErrPromise(client)
	start := time.Now()
	for i := range count {
		// As many records in a row as fill a batch, so that several partitions do not make many small ones.
		partition := i / recordsInARow % partitions
		client.Produce(ctx, &kgo.Record{Topic: o["topic"], Partition: int32(partition), Value: value}, first.Promise())
	}
	if err := first.Err(); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil
}

const recordsInARow = 1000

// Produces records whose keys are drawn at random from a number of them, so that most are overwritten later.
func compactable(ctx context.Context, bootstrap string, o options) error {
	count, keys := o.number("records"), o.number("keys")
	client, err := newProducer(ctx, bootstrap, o, kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(count))
	if err != nil {
		return err
	}
	defer client.Close()
	value := payload(o.number("size"), "none")
	random := rand.New(rand.NewSource(1))
	first := kgo.AbortingFirstErrPromise(client)
	start := time.Now()
	for range count {
		key := []byte(strconv.Itoa(random.Intn(keys)))
		client.Produce(ctx, &kgo.Record{Topic: o["topic"], Key: key, Value: value}, first.Promise())
	}
	if err := first.Err(); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil
}

// Produces records at an even pace, and does not wait for the earlier ones: a broker that stalls is not spared what comes
// meanwhile.
func paced(ctx context.Context, bootstrap string, o options) error {
	client, err := newProducer(ctx, bootstrap, o, kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer client.Close()
	count := o.number("records")
	value := payload(o.number("size"), "none")
	took := make([]time.Duration, count)
	var acknowledged sync.WaitGroup
	first := kgo.AbortingFirstErrPromise(client)
	atPace(count, o.number("rate"), func(i int) {
		produced := time.Now()
		acknowledged.Add(1)
		promise := first.Promise()
		client.Produce(ctx, &kgo.Record{Topic: o["topic"], Value: value}, func(record *kgo.Record, err error) {
			took[i] = time.Since(produced)
			promise(record, err)
			acknowledged.Done()
		})
	})
	acknowledged.Wait()
	printMicroseconds(took)
	return first.Err()
}

func atPace(count, perSecond int, do func(i int)) {
	start := time.Now()
	for i := range count {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		do(i)
	}
}

func printMicroseconds(durations []time.Duration) {
	for _, duration := range durations {
		fmt.Println(duration.Microseconds())
	}
}

// A producer that has found its topic and is connected: a first record is acknowledged.
func newProducer(ctx context.Context, bootstrap string, o options, more ...kgo.Opt) (*kgo.Client, error) {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	codec, found := codecs[o.or("codec", "none")]
	if !found {
		return nil, fmt.Errorf("there is no codec %q", o["codec"])
	}
	all := append(more, kgo.SeedBrokers(bootstrap), kgo.AllowAutoTopicCreation(), kgo.ProducerBatchCompression(codec))
	if o.or("acks", "all") == "all" {
		all = append(all, kgo.RequiredAcks(kgo.AllISRAcks()))
	} else {
		all = append(all, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	}
	client, err := kgo.NewClient(all...)
	if err != nil {
		return nil, err
	}
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: o["topic"], Value: []byte("first")}).FirstErr(); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// Bytes that cannot be compressed, but where there is a codec: there, text whose half can.
func payload(size int, codec string) []byte {
	bytes := make([]byte, size)
	state := uint32(1)
	for i := range bytes {
		state = state*1664525 + 1013904223
		bytes[i] = byte(state >> 24)
		if codec != "none" && i%2 == 1 {
			bytes[i] = 'a'
		}
	}
	return bytes
}
