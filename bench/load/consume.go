package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Reads so many records from the beginning.
func consume(ctx context.Context, bootstrap string, o options) error {
	start := time.Now()
	client, err := newConsumer(bootstrap, o, kgo.NewOffset().AtStart())
	if err != nil {
		return err
	}
	defer client.Close()
	if err := read(ctx, client, o.number("records"), func(*kgo.Record) {}); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil
}

// Reads what is produced from the moment on at which it says that it is ready.
func tail(ctx context.Context, bootstrap string, o options) error {
	client, err := newConsumer(bootstrap, o, kgo.NewOffset().AtEnd())
	if err != nil {
		return err
	}
	defer client.Close()
	if err := untilAtEnd(ctx, client); err != nil {
		return err
	}
	fmt.Println("ready")
	return read(ctx, client, o.number("records"), func(*kgo.Record) {})
}

// Produces at an even pace and consumes in the same process; each record tells when it was produced.
func endToEnd(ctx context.Context, bootstrap string, o options) error {
	producer, err := newProducer(ctx, bootstrap, o, kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer producer.Close()
	consumer, err := newConsumer(bootstrap, o, kgo.NewOffset().AtEnd())
	if err != nil {
		return err
	}
	defer consumer.Close()
	if err := untilAtEnd(ctx, consumer); err != nil {
		return err
	}
	count := o.number("records")
	took := make([]time.Duration, 0, count)
	done := make(chan error, 1)
	go func() {
		done <- read(ctx, consumer, count, func(record *kgo.Record) {
			took = append(took, time.Duration(time.Now().UnixNano()-int64(binary.BigEndian.Uint64(record.Value))))
		})
	}()
	first := kgo.AbortingFirstErrPromise(producer)
	value := payload(o.number("size"), "none")
	atPace(count, o.number("rate"), func(int) {
		own := append([]byte(nil), value...)
		binary.BigEndian.PutUint64(own, uint64(time.Now().UnixNano()))
		producer.Produce(ctx, &kgo.Record{Topic: o["topic"], Value: own}, first.Promise())
	})
	if err := first.Err(); err != nil {
		return err
	}
	if err := <-done; err != nil {
		return err
	}
	printMicroseconds(took)
	return nil
}

func newConsumer(bootstrap string, o options, from kgo.Offset) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumeTopics(o["topic"]),
		kgo.ConsumeResetOffset(from),
	)
}

// A consumer begins where the log ends when it first asks. Its fetches are under way as soon as a first one has come back empty, which
// takes the longest that a fetch waits.
func untilAtEnd(ctx context.Context, client *kgo.Client) error {
	waiting, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	for waiting.Err() == nil {
		fetches := client.PollFetches(waiting)
		for _, failure := range fetches.Errors() {
			if waiting.Err() == nil {
				return failure.Err
			}
		}
	}
	return nil
}

func read(ctx context.Context, client *kgo.Client, count int, see func(*kgo.Record)) error {
	for seen := 0; seen < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		seen += fetches.NumRecords()
		fetches.EachRecord(see)
	}
	return nil
}

// Groups without members, each with one offset.
func groups(ctx context.Context, bootstrap string, o options) error {
	// Requests of that time name topics instead of giving their ids.
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.MaxVersions(kversion.V3_7_0()))
	if err != nil {
		return err
	}
	defer client.Close()
	for i := range o.number("count") {
		request := kmsg.NewPtrOffsetCommitRequest()
		request.Version = 8
		request.Group = fmt.Sprintf("group-%d", i)
		request.Generation = -1
		topic := kmsg.NewOffsetCommitRequestTopic()
		topic.Topic = o["topic"]
		partition := kmsg.NewOffsetCommitRequestTopicPartition()
		partition.Offset = 1
		topic.Partitions = append(topic.Partitions, partition)
		request.Topics = append(request.Topics, topic)
		response, err := request.RequestWith(ctx, client)
		if err != nil {
			return err
		}
		if code := response.Topics[0].Partitions[0].ErrorCode; code != 0 {
			return fmt.Errorf("%s cannot commit: error code %d", request.Group, code)
		}
	}
	return nil
}
