package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

// How a client connects, and how it shows who it is: see tests/interop/support/secure_clients.ts.
type security struct {
	Protocol, Mechanism, Username, Password, Token, CA, Certificate string
}

// Writes a record to the topic, reads the first one there, and prints it.
func secure(brokers []string, topic, text string) error {
	var told security
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return err
	}
	config, err := told.config()
	if err != nil {
		return err
	}
	client, err := sarama.NewClient(brokers, config)
	if err != nil {
		return err
	}
	defer client.Close()
	producer, err := sarama.NewSyncProducerFromClient(client)
	if err != nil {
		return err
	}
	if _, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder("hello")}); err != nil {
		return err
	}
	consumer, err := sarama.NewConsumerFromClient(client)
	if err != nil {
		return err
	}
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return err
	}
	select {
	case message := <-partition.Messages():
		fmt.Println(string(message.Value))
		return nil
	case <-time.After(8 * time.Second):
		return errors.New("nothing came")
	}
}

func (s security) config() (*sarama.Config, error) {
	config := newProducerConfig()
	config.Metadata.Retry.Max = 1
	config.Producer.Partitioner = sarama.NewHashPartitioner
	if s.CA != "" {
		trusted, err := s.tls()
		if err != nil {
			return nil, err
		}
		config.Net.TLS.Enable = true
		config.Net.TLS.Config = trusted
	}
	if s.Mechanism != "" {
		config.Net.SASL.Enable = true
		config.Net.SASL.Mechanism = sarama.SASLMechanism(s.Mechanism)
		config.Net.SASL.User = s.Username
		config.Net.SASL.Password = s.Password
		config.Net.SASL.TokenProvider = token(s.Token)
		config.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient { return &scramClient{mechanism: s.Mechanism} }
	}
	return config, nil
}

func (s security) tls() (*tls.Config, error) {
	pem, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots}
	if s.Certificate != "" {
		certificate, err := tls.LoadX509KeyPair(s.Certificate, s.Certificate)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	return config, nil
}

type token string

func (t token) Token() (*sarama.AccessToken, error) {
	return &sarama.AccessToken{Token: string(t)}, nil
}

// sarama leaves SCRAM to its users; this is what they do.
type scramClient struct {
	mechanism    string
	conversation *scram.ClientConversation
}

func (c *scramClient) Begin(name, password, authzID string) error {
	hash := scram.SHA256
	if c.mechanism == sarama.SASLTypeSCRAMSHA512 {
		hash = scram.SHA512
	}
	client, err := hash.NewClient(name, password, authzID)
	if err == nil {
		c.conversation = client.NewConversation()
	}
	return err
}

func (c *scramClient) Step(challenge string) (string, error) { return c.conversation.Step(challenge) }

func (c *scramClient) Done() bool { return c.conversation.Done() }
