package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Produces records as fast as the broker takes them, in batches of up to a megabyte, and prints the milliseconds until
// the last was acknowledged.
func load(ctx context.Context, bootstrap, topic string, count, size int) error {
	client, err := newLoader(ctx, bootstrap, topic, kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(count))
	if err != nil {
		return err
	}
	defer client.Close()
	value := incompressible(size)
	first := kgo.AbortingFirstErrPromise(client)
	start := time.Now()
	for range count {
		client.Produce(ctx, &kgo.Record{Topic: topic, Value: value}, first.Promise())
	}
	if err := first.Err(); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil
}

// Produces records of a kilobyte at an even pace, and prints for each the microseconds until its acknowledgement. It does not
// wait for the earlier ones: a broker that stalls is not spared what comes meanwhile.
func paced(ctx context.Context, bootstrap, topic string, count, perSecond int) error {
	client, err := newLoader(ctx, bootstrap, topic, kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer client.Close()
	value := incompressible(1024)
	took := make([]time.Duration, count)
	var acknowledged sync.WaitGroup
	first := kgo.AbortingFirstErrPromise(client)
	start := time.Now()
	for i := range count {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		produced := time.Now()
		acknowledged.Add(1)
		promise := first.Promise()
		client.Produce(ctx, &kgo.Record{Topic: topic, Value: value}, func(record *kgo.Record, err error) {
			took[i] = time.Since(produced)
			promise(record, err)
			acknowledged.Done()
		})
	}
	acknowledged.Wait()
	if err := first.Err(); err != nil {
		return err
	}
	for _, duration := range took {
		fmt.Println(duration.Microseconds())
	}
	return nil
}

// A producer that has found its topic and is connected: a first record is acknowledged.
func newLoader(ctx context.Context, bootstrap, topic string, options ...kgo.Opt) (*kgo.Client, error) {
	client, err := kgo.NewClient(append(options,
		kgo.SeedBrokers(bootstrap),
		kgo.AllowAutoTopicCreation(),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
	)...)
	if err != nil {
		return nil, err
	}
	if err := client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("first")}).FirstErr(); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

func incompressible(size int) []byte {
	bytes := make([]byte, size)
	state := uint32(1)
	for i := range bytes {
		state = state*1664525 + 1013904223
		bytes[i] = byte(state >> 24)
	}
	return bytes
}
