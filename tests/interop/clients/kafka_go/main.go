// The commands of tests/interop/support/clients.ts, on segmentio's kafka-go.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// How long a broker may wait for records. Of compressed ones kafka-go delivers the last after a wait.
const maxWait = 500 * time.Millisecond

// What one call of WriteMessages takes: it waits until all of them are acknowledged.
const messagesPerWrite = 10_000

var codecs = map[string]kafka.Compression{
	"none":   0,
	"gzip":   kafka.Gzip,
	"snappy": kafka.Snappy,
	"lz4":    kafka.Lz4,
	"zstd":   kafka.Zstd,
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) < 3 {
		return errors.New("usage: produce|consume|admin|offsets|member|secure BOOTSTRAP TOPIC …")
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
	case verb == "member" && len(rest) == 2:
		return member(bootstrap, topic, rest[0], rest[1])
	case verb == "secure" && len(rest) == 1:
		return secure(bootstrap, topic, rest[0])
	}
	return fmt.Errorf("unknown command: %v", args)
}

func newWriter(bootstrap, topic string, compression kafka.Compression) *kafka.Writer {
	return &kafka.Writer{
		Addr:                   kafka.TCP(bootstrap),
		Topic:                  topic,
		RequiredAcks:           kafka.RequireAll,
		Compression:            compression,
		BatchSize:              messagesPerWrite,
		BatchTimeout:           5 * time.Millisecond,
		AllowAutoTopicCreation: true,
	}
}

func produce(ctx context.Context, bootstrap, topic, compressionType, file string) error {
	compression, ok := codecs[compressionType]
	if !ok {
		return fmt.Errorf("unknown compression type %s", compressionType)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var messages []kafka.Message
	for line := range bytes.Lines(content) {
		messages = append(messages, kafka.Message{Value: bytes.TrimSuffix(line, []byte{'\n'})})
	}
	writer := newWriter(bootstrap, topic, compression)
	for start := 0; start < len(messages); start += messagesPerWrite {
		end := min(start+messagesPerWrite, len(messages))
		if err := writer.WriteMessages(ctx, messages[start:end]...); err != nil {
			return err
		}
	}
	return writer.Close()
}

func consume(ctx context.Context, bootstrap, topic, countText string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic, MaxBytes: 10e6, MaxWait: maxWait})
	defer reader.Close()
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for range count {
		message, err := reader.ReadMessage(ctx)
		if err != nil {
			return err
		}
		out.Write(message.Value)
		out.WriteByte('\n')
	}
	return out.Flush()
}

func admin(ctx context.Context, bootstrap, topic string) error {
	client := &kafka.Client{Addr: kafka.TCP(bootstrap)}
	created, err := client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{
		Topic:             topic,
		NumPartitions:     3,
		ReplicationFactor: 1,
		ConfigEntries:     []kafka.ConfigEntry{{ConfigName: "retention.ms", ConfigValue: "3600000"}},
	}}})
	if err != nil {
		return err
	}
	if err := created.Errors[topic]; err != nil {
		return err
	}
	fmt.Println("created")
	if err := describe(ctx, bootstrap, topic); err != nil {
		return err
	}
	grown, err := client.CreatePartitions(ctx, &kafka.CreatePartitionsRequest{
		Topics: []kafka.TopicPartitionsConfig{{Name: topic, Count: 5}},
	})
	if err != nil {
		return err
	}
	if err := grown.Errors[topic]; err != nil {
		return err
	}
	fmt.Println("grown")
	if err := describe(ctx, bootstrap, topic); err != nil {
		return err
	}
	deleted, err := client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	if err := deleted.Errors[topic]; err != nil {
		return err
	}
	fmt.Println("deleted")
	partitions, err := partitionsOf(ctx, bootstrap, topic)
	if err != nil {
		return err
	}
	fmt.Println("listed:", partitions != nil)
	return nil
}

func describe(ctx context.Context, bootstrap, topic string) error {
	partitions, err := partitionsOf(ctx, bootstrap, topic)
	if err != nil {
		return err
	}
	fmt.Println("listed:", partitions != nil)
	fmt.Println(line("partitions:", partitions))
	client := &kafka.Client{Addr: kafka.TCP(bootstrap)}
	described, err := client.DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{
		Resources: []kafka.DescribeConfigRequestResource{{
			ResourceType: kafka.ResourceTypeTopic,
			ResourceName: topic,
			ConfigNames:  []string{"retention.ms"},
		}},
	})
	if err != nil {
		return err
	}
	fmt.Println("retention.ms:", described.Resources[0].ConfigEntries[0].ConfigValue)
	return nil
}

// The partitions of a topic among all topics; nil where it is not listed. A connection of its own sees what there is now:
// kafka-go's client answers from what it remembers.
func partitionsOf(ctx context.Context, bootstrap, topic string) ([]int, error) {
	connection, err := kafka.DialContext(ctx, "tcp", bootstrap)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	all, err := connection.ReadPartitions()
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, partition := range all {
		if partition.Topic == topic {
			ids = append(ids, partition.ID)
		}
	}
	return ids, nil
}

func offsets(ctx context.Context, bootstrap, topic string) error {
	hourAgo := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	writer := newWriter(bootstrap, topic, 0)
	defer writer.Close()
	for i := range 3 {
		at := hourAgo.Add(time.Duration(i) * time.Second)
		if err := writer.WriteMessages(ctx, kafka.Message{Value: []byte("x"), Time: at}); err != nil {
			return err
		}
	}
	connection, err := kafka.DialLeader(ctx, "tcp", bootstrap, topic, 0)
	if err != nil {
		return err
	}
	defer connection.Close()
	earliest, latest, err := connection.ReadOffsets()
	if err != nil {
		return err
	}
	fmt.Println("earliest:", earliest)
	fmt.Println("latest:", latest)
	for _, after := range []time.Duration{500, 3000} {
		offset, err := connection.ReadOffset(hourAgo.Add(after * time.Millisecond))
		if err != nil {
			return err
		}
		if offset < 0 {
			fmt.Printf("after %d ms: none\n", after)
		} else {
			fmt.Printf("after %d ms: %d\n", after, offset)
		}
	}
	return nil
}

// A word and numbers behind it, the smallest first.
func line(word string, numbers []int) string {
	sort.Ints(numbers)
	for _, number := range numbers {
		word += fmt.Sprintf(" %d", number)
	}
	return word
}
