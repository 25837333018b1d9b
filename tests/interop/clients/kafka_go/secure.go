package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// How a client connects, and how it shows who it is: see tests/interop/support/secure_clients.ts.
type security struct {
	Protocol, Mechanism, Username, Password, CA, Certificate string
}

// Writes a record to the topic, reads the first one there, and prints it.
func secure(bootstrap, topic, text string) error {
	var told security
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	trusted, err := told.tls()
	if err != nil {
		return err
	}
	mechanism, err := told.mechanism()
	if err != nil {
		return err
	}
	writer := &kafka.Writer{
		Addr:                   kafka.TCP(bootstrap),
		Topic:                  topic,
		Transport:              &kafka.Transport{TLS: trusted, SASL: mechanism},
		AllowAutoTopicCreation: true,
		BatchSize:              1,
		// While a topic is being made, the client is told that there is none.
		MaxAttempts:  5,
		RequiredAcks: kafka.RequireAll,
	}
	if err := writer.WriteMessages(ctx, kafka.Message{Value: []byte("hello")}); err != nil {
		return err
	}
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:   []string{bootstrap},
		Topic:     topic,
		Partition: 0,
		Dialer:    &kafka.Dialer{Timeout: 8 * time.Second, TLS: trusted, SASLMechanism: mechanism},
	})
	message, err := reader.ReadMessage(ctx)
	if err != nil {
		return err
	}
	fmt.Println(string(message.Value))
	return nil
}

func (s security) tls() (*tls.Config, error) {
	if s.CA == "" {
		return nil, nil
	}
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

func (s security) mechanism() (sasl.Mechanism, error) {
	switch s.Mechanism {
	case "PLAIN":
		return plain.Mechanism{Username: s.Username, Password: s.Password}, nil
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, s.Username, s.Password)
	case "SCRAM-SHA-512":
		return scram.Mechanism(scram.SHA512, s.Username, s.Password)
	}
	return nil, nil
}
