package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

const (
	// heartbeatInterval is how soon a member learns of a rebalance.
	heartbeatInterval = 500 * time.Millisecond
	// retryBackoff is how long it waits before it joins again, where another rebalance came in between.
	retryBackoff = 100 * time.Millisecond
	// maxWait is how long a fetch may wait for records: on the same connection, commits wait behind it.
	maxWait = 100 * time.Millisecond
)

var strategies = map[string]func() sarama.BalanceStrategy{
	"range":              sarama.NewBalanceStrategyRange,
	"sticky":             sarama.NewBalanceStrategySticky,
	"cooperative-sticky": sarama.NewBalanceStrategyCooperativeSticky,
}

// member consumes in a group, tells what it is assigned and what it gets, and leaves when its input ends.
func member(brokers []string, topic, groupID, strategy string) error {
	newStrategy, ok := strategies[strategy]
	if !ok {
		return fmt.Errorf("unknown strategy %s", strategy)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	config := newConfig()
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{newStrategy()}
	config.Consumer.Group.Heartbeat.Interval = heartbeatInterval
	config.Consumer.Group.Rebalance.Retry.Backoff = retryBackoff
	config.Consumer.MaxWaitTime = maxWait
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	group, err := sarama.NewConsumerGroup(brokers, groupID, config)
	if err != nil {
		return err
	}
	defer group.Close()
	handler := &teller{owned: map[int32]bool{}}
	// A session ends with each rebalance.
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{topic}, handler); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil
}

// teller prints what becomes of a member.
type teller struct {
	mutex sync.Mutex
	owned map[int32]bool
}

func (t *teller) Setup(sarama.ConsumerGroupSession) error {
	return nil
}

func (t *teller) Cleanup(sarama.ConsumerGroupSession) error {
	return nil
}

// ConsumeClaim runs for as long as the member owns a partition: in a cooperative rebalance it keeps others meanwhile.
func (t *teller) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	t.change(claim.Partition(), true)
	defer t.change(claim.Partition(), false)
	for {
		select {
		case <-session.Context().Done():
			return nil
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			fmt.Printf("record %d %d %s\n", message.Partition, message.Offset, message.Value)
			session.MarkMessage(message, "")
			session.Commit()
		}
	}
}

func (t *teller) change(partition int32, isOwned bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if isOwned {
		t.owned[partition] = true
	} else {
		delete(t.owned, partition)
	}
	fmt.Println(line("assigned", slices.Collect(maps.Keys(t.owned))))
}
