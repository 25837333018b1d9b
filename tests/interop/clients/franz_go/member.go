package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// heartbeatInterval is how soon a member learns of a rebalance.
const heartbeatInterval = 500 * time.Millisecond

// member consumes in a group, tells what it is assigned and what it gets, and leaves when its input ends. With the word
// "consumer" it speaks the consumer protocol (KIP-848).
func member(bootstrap, topic, group string, words ...string) error {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		cancel()
	}()
	owned := &owned{partitions: map[int32]bool{}}
	options := []kgo.Opt{
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.DisableAutoCommit(),
		kgo.HeartbeatInterval(heartbeatInterval),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			owned.change(got[topic], true)
		}),
		kgo.OnPartitionsRevoked(func(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
			owned.change(gone[topic], false)
		}),
	}
	if slices.Contains(words, "consumer") {
		options = append(options, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	for {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Printf("record %d %d %s\n", record.Partition, record.Offset, record.Value)
		})
		if err := client.CommitUncommittedOffsets(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
}

// owned is what a member is assigned now.
type owned struct {
	mutex      sync.Mutex
	partitions map[int32]bool
}

func (o *owned) change(partitions []int32, isOwned bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for _, partition := range partitions {
		if isOwned {
			o.partitions[partition] = true
		} else {
			delete(o.partitions, partition)
		}
	}
	sorted := make([]int, 0, len(o.partitions))
	for partition := range o.partitions {
		sorted = append(sorted, int(partition))
	}
	sort.Ints(sorted)
	line := "assigned"
	for _, partition := range sorted {
		line += fmt.Sprintf(" %d", partition)
	}
	fmt.Println(line)
}
