package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// heartbeatInterval is how soon a member learns of a rebalance.
const heartbeatInterval = 500 * time.Millisecond

var balancers = map[string]kafka.GroupBalancer{
	"range":      kafka.RangeGroupBalancer{},
	"roundrobin": kafka.RoundRobinGroupBalancer{},
}

// member consumes in a group, tells what it is assigned and what it gets, and leaves when its input ends.
func member(bootstrap, topic, group, strategy string) error {
	balancer, ok := balancers[strategy]
	if !ok {
		return fmt.Errorf("unknown strategy %s", strategy)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:           []string{bootstrap},
		Topic:             topic,
		GroupID:           group,
		GroupBalancers:    []kafka.GroupBalancer{balancer},
		HeartbeatInterval: heartbeatInterval,
		StartOffset:       kafka.FirstOffset,
		MaxBytes:          10e6,
		MaxWait:           maxWait,
		Logger:            kafka.LoggerFunc(tellAssignment),
		ErrorLogger:       kafka.LoggerFunc(complain),
	})
	for {
		message, err := reader.FetchMessage(ctx)
		if errors.Is(err, context.Canceled) {
			return reader.Close()
		}
		if err != nil {
			return err
		}
		// Before it tells of the record: whoever reads that may end it at once.
		if err := reader.CommitMessages(ctx, message); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		fmt.Printf("record %d %d %s\n", message.Partition, message.Offset, message.Value)
	}
}

var partition = regexp.MustCompile(`partition:(\d+)`)

// A Reader tells of its assignment in its log alone.
func tellAssignment(format string, arguments ...any) {
	if !strings.HasPrefix(format, "subscribed to topics and partitions") {
		return
	}
	var ids []int
	for _, match := range partition.FindAllStringSubmatch(fmt.Sprintf(format, arguments...), -1) {
		id, _ := strconv.Atoi(match[1])
		ids = append(ids, id)
	}
	fmt.Println(line("assigned", ids))
}

func complain(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
}
