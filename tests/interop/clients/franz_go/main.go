// The commands of tests/interop/support/clients.ts, on franz-go.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return errors.New("usage: produce|consume|admin|offsets|member|transact|committed|copy|latency|load|paced BOOTSTRAP TOPIC …")
	}
	verb, bootstrap, topic, rest := args[0], args[1], args[2], args[3:]
	switch {
	case verb == "produce" && len(rest) == 2:
		return produce(ctx, bootstrap, topic, rest[0], rest[1])
	case verb == "consume" && len(rest) == 1:
		return consume(ctx, bootstrap, topic, rest[0])
	case verb == "admin" && len(rest) == 0:
		return admin(ctx, bootstrap, topic)
	case verb == "offsets" && len(rest) == 0:
		return offsets(ctx, bootstrap, topic)
	case verb == "member" && len(rest) >= 1:
		return member(bootstrap, topic, rest[0], rest[1:]...)
	case verb == "transact" && len(rest) == 1:
		return transact(ctx, bootstrap, topic, rest[0])
	case verb == "copy" && len(rest) == 1:
		return copyRecords(bootstrap, topic, rest[0])
	case verb == "committed" && len(rest) == 1:
		return committed(ctx, bootstrap, topic, rest[0])
	case verb == "latency" && len(rest) == 1:
		return latency(ctx, bootstrap, topic, rest[0])
	case (verb == "load" || verb == "paced") && len(rest) == 2:
		count, err := strconv.Atoi(rest[0])
		if err != nil {
			return err
		}
		second, err := strconv.Atoi(rest[1])
		if err != nil {
			return err
		}
		if verb == "load" {
			return load(ctx, bootstrap, topic, count, second)
		}
		return paced(ctx, bootstrap, topic, count, second)
	}
	return fmt.Errorf("unknown command: %v", args)
}

func produce(ctx context.Context, bootstrap, topic, compression, file string) error {
	codec, ok := codecs[compression]
	if !ok {
		return fmt.Errorf("unknown compression type %s", compression)
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.AllowAutoTopicCreation(),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codec),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	first := kgo.AbortingFirstErrPromise(client)
	for line := range bytes.Lines(content) {
		client.Produce(ctx, &kgo.Record{Topic: topic, Value: bytes.TrimSuffix(line, []byte{'\n'})}, first.Promise())
	}
	return first.Err()
}

func consume(ctx context.Context, bootstrap, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	client, err := newConsumer(bootstrap, topic, kgo.NewOffset().AtStart())
	if err != nil {
		return err
	}
	defer client.Close()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for seen := 0; seen < count; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			seen++
			out.Write(record.Value)
			out.WriteByte('\n')
		})
	}
	return out.Flush()
}

func newConsumer(bootstrap, topic string, from kgo.Offset) (*kgo.Client, error) {
	return kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: from}}),
	)
}

func admin(ctx context.Context, bootstrap, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	kafka := kadm.NewClient(client)
	retention := "3600000"
	if _, err := kafka.CreateTopic(ctx, 3, 1, map[string]*string{"retention.ms": &retention}, topic); err != nil {
		return err
	}
	fmt.Println("created")
	if err := describe(ctx, bootstrap, topic); err != nil {
		return err
	}
	grown, err := kafka.CreatePartitions(ctx, 2, topic)
	if err = errors.Join(err, grown.Error()); err != nil {
		return err
	}
	fmt.Println("grown")
	if err := describe(ctx, bootstrap, topic); err != nil {
		return err
	}
	deleted, err := kafka.DeleteTopics(ctx, topic)
	if err = errors.Join(err, deleted.Error()); err != nil {
		return err
	}
	fmt.Println("deleted")
	topics, err := kafka.ListTopics(ctx)
	if err != nil {
		return err
	}
	fmt.Println("listed:", topics.Has(topic))
	return nil
}

func describe(ctx context.Context, bootstrap, topic string) error {
	// A client of its own for each look: franz-go 1.22.2 leaves a topic out of its list once it has grown it.
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap))
	if err != nil {
		return err
	}
	defer client.Close()
	kafka := kadm.NewClient(client)
	topics, err := kafka.ListTopics(ctx)
	if err != nil {
		return err
	}
	fmt.Println("listed:", topics.Has(topic))
	fmt.Print("partitions:")
	for _, partition := range topics[topic].Partitions.Sorted() {
		fmt.Print(" ", partition.Partition)
	}
	fmt.Println()
	configs, err := kafka.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return err
	}
	resource, err := configs.On(topic, nil)
	if err = errors.Join(err, resource.Err); err != nil {
		return err
	}
	for _, config := range resource.Configs {
		if config.Key == "retention.ms" {
			fmt.Println("retention.ms:", config.MaybeValue())
		}
	}
	return nil
}

func offsets(ctx context.Context, bootstrap, topic string) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.AllowAutoTopicCreation())
	if err != nil {
		return err
	}
	defer client.Close()
	hourAgo := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i := range 3 {
		record := &kgo.Record{Topic: topic, Timestamp: hourAgo.Add(time.Duration(i) * time.Second), Value: []byte{'x'}}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return err
		}
	}
	kafka := kadm.NewClient(client)
	earliest, err := kafka.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, earliest.Error()); err != nil {
		return err
	}
	latest, err := kafka.ListEndOffsets(ctx, topic)
	if err = errors.Join(err, latest.Error()); err != nil {
		return err
	}
	fmt.Println("earliest:", earliest[topic][0].Offset)
	fmt.Println("latest:", latest[topic][0].Offset)
	for _, after := range []int64{500, 3000} {
		found, err := kafka.ListOffsetsAfterMilli(ctx, hourAgo.UnixMilli()+after, topic)
		if err = errors.Join(err, found.Error()); err != nil {
			return err
		}
		// Where there is no such record, franz-go answers with the end of the log and no timestamp.
		if found[topic][0].Timestamp == -1 {
			fmt.Printf("after %d ms: none\n", after)
		} else {
			fmt.Printf("after %d ms: %d\n", after, found[topic][0].Offset)
		}
	}
	return nil
}

// Produces single records, each as the one before has been consumed, and prints the microseconds that each took.
func latency(ctx context.Context, bootstrap, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	producer, err := kgo.NewClient(kgo.SeedBrokers(bootstrap), kgo.AllowAutoTopicCreation(), kgo.ProducerLinger(0))
	if err != nil {
		return err
	}
	defer producer.Close()
	record := func() *kgo.Record { return &kgo.Record{Topic: topic, Value: []byte("tick")} }
	if err := producer.ProduceSync(ctx, record()).FirstErr(); err != nil {
		return err
	}
	consumer, err := newConsumer(bootstrap, topic, kgo.NewOffset().AtStart())
	if err != nil {
		return err
	}
	defer consumer.Close()
	if err := consumer.PollFetches(ctx).Err(); err != nil {
		return err
	}
	for range count {
		start := time.Now()
		producer.Produce(ctx, record(), nil)
		if err := consumer.PollFetches(ctx).Err(); err != nil {
			return err
		}
		fmt.Println(time.Since(start).Microseconds())
	}
	return nil
}
