package main

// A module whose index is written.
type module struct {
	path string
	// stem is the name of its file.
	stem string
	// packages that are kept whole: below the module's path, "." for its root, "..." for all that are not internal.
	// What their declarations reach in other packages of the module is kept too, but only that.
	packages []string
	// also lists import path prefixes under which the same code is known.
	also []string
	// cut lists packages, by the beginning of their path below the module's, whose types are named but not kept: what is
	// asked of them is not known.
	cut []string
}

// prefixes of the import paths that the file answers for.
func (m module) prefixes() []string {
	return append([]string{m.path}, m.also...)
}

// patterns of the go command for the packages that are kept whole.
func (m module) patterns() []string {
	if m.path == "std" {
		return []string{"std"}
	}
	var patterns []string
	for _, below := range m.packages {
		if below == "." {
			patterns = append(patterns, m.path)
		} else {
			patterns = append(patterns, m.path+"/"+below)
		}
	}
	return patterns
}

var all = []string{"..."}
var root = []string{"."}
var gocqlx = []string{".", "dbutil", "migrate", "qb", "table"}

// modules in the order of the manifest. Cut to keep all below 700 KB, for what nobody or few import from a module:
// constants of the many semconv versions of OpenTelemetry but the newest, the wire protocol of kafka-go (its messages are
// reached from the root), examples, tests and generators (see private), gRPC's experiments and balancers, MongoDB's
// x/mongo drivers, Kubernetes' API groups beyond the common ones, its listers, informers of single types and apply
// configurations. gocqlx stands at its last version that compiles with gocql itself: later ones need ScyllaDB's fork of it.
var modules = []module{
	{path: "std", stem: "std"},
	{path: "github.com/jackc/pgx/v5", stem: "pgx5", packages: all},
	{path: "github.com/jmoiron/sqlx", stem: "sqlx", packages: all},
	{path: "github.com/lib/pq", stem: "pq", packages: all},
	{path: "github.com/go-sql-driver/mysql", stem: "mysql", packages: all},
	{path: "github.com/mattn/go-sqlite3", stem: "sqlite3", packages: root},
	{path: "gorm.io/gorm", stem: "gorm", packages: all},
	{path: "github.com/redis/go-redis/v9", stem: "redis9", packages: all},
	{path: "go.mongodb.org/mongo-driver", stem: "mongo1", packages: []string{"mongo", "mongo/options", "mongo/readconcern", "mongo/readpref", "mongo/writeconcern", "bson", "bson/primitive", "event"}},
	{path: "go.mongodb.org/mongo-driver/v2", stem: "mongo2", packages: []string{"mongo", "mongo/options", "mongo/readconcern", "mongo/readpref", "mongo/writeconcern", "bson", "event"}},
	{path: "github.com/gocql/gocql", stem: "gocql", packages: all},
	{path: "github.com/apache/cassandra-gocql-driver/v2", stem: "gocql2", packages: all},
	{path: "github.com/scylladb/gocqlx/v2", stem: "gocqlx2", packages: gocqlx},
	{path: "github.com/scylladb/gocqlx/v3", stem: "gocqlx3", packages: gocqlx},
	{path: "github.com/IBM/sarama", stem: "sarama", packages: all, also: []string{"github.com/Shopify/sarama"}},
	{path: "github.com/segmentio/kafka-go", stem: "kafkago", packages: []string{".", "compress", "sasl", "sasl/plain", "sasl/scram"}},
	{path: "github.com/confluentinc/confluent-kafka-go/v2", stem: "confluent2", packages: []string{"kafka"}},
	{path: "github.com/twmb/franz-go", stem: "franz", packages: all},
	{path: "github.com/twmb/franz-go/pkg/kadm", stem: "kadm", packages: all},
	{path: "github.com/nats-io/nats.go", stem: "nats", packages: all},
	{path: "github.com/rabbitmq/amqp091-go", stem: "amqp091", packages: all},
	{path: "github.com/apache/pulsar-client-go", stem: "pulsar", packages: []string{"pulsar"}},
	{path: "github.com/aws/aws-sdk-go-v2", stem: "aws2", packages: []string{"aws"}},
	{path: "github.com/aws/aws-sdk-go-v2/config", stem: "aws2config", packages: root},
	{path: "github.com/aws/aws-sdk-go-v2/service/sqs", stem: "aws2sqs", packages: all},
	{path: "github.com/aws/aws-sdk-go-v2/service/sns", stem: "aws2sns", packages: all},
	{path: "cloud.google.com/go", stem: "gcloud", packages: []string{"internal/pubsub"}},
	{path: "cloud.google.com/go/pubsub", stem: "pubsub1", packages: root},
	{path: "cloud.google.com/go/pubsub/v2", stem: "pubsub2", packages: root},
	{path: "google.golang.org/grpc", stem: "grpc", packages: []string{".", "backoff", "codes", "connectivity", "credentials", "credentials/insecure", "encoding", "encoding/gzip", "health", "health/grpc_health_v1", "keepalive", "metadata", "peer", "reflection", "resolver", "stats", "status", "tap", "test/bufconn"}},
	{path: "google.golang.org/protobuf", stem: "protobuf", packages: all},
	{path: "connectrpc.com/connect", stem: "connect", packages: all},
	{path: "github.com/99designs/gqlgen", stem: "gqlgen", packages: []string{"graphql/..."}},
	{path: "github.com/gin-gonic/gin", stem: "gin", packages: all},
	{path: "github.com/labstack/echo/v4", stem: "echo4", packages: all},
	{path: "github.com/gofiber/fiber/v2", stem: "fiber2", packages: all},
	{path: "github.com/go-chi/chi/v5", stem: "chi5", packages: all},
	{path: "github.com/go-chi/cors", stem: "chicors", packages: all},
	{path: "github.com/gorilla/mux", stem: "mux", packages: all},
	{path: "github.com/rs/cors", stem: "cors", packages: all},
	{path: "github.com/golang-jwt/jwt/v5", stem: "jwt5", packages: all},
	{path: "golang.org/x/oauth2", stem: "oauth2", packages: all},
	{path: "golang.org/x/crypto", stem: "xcrypto", packages: all},
	{path: "golang.org/x/sync", stem: "xsync", packages: all},
	{path: "golang.org/x/time", stem: "xtime", packages: all},
	{path: "golang.org/x/net", stem: "xnet", packages: all},
	{path: "golang.org/x/exp", stem: "xexp", packages: all},
	{path: "go.uber.org/zap", stem: "zap", packages: all},
	{path: "github.com/rs/zerolog", stem: "zerolog", packages: all},
	{path: "github.com/sirupsen/logrus", stem: "logrus", packages: all},
	{path: "github.com/prometheus/client_golang", stem: "prometheus", packages: all},
	{path: "go.opentelemetry.io/otel", stem: "otel", packages: []string{".", "attribute", "baggage", "codes", "propagation", "semconv/v1.43.0"}},
	{path: "go.opentelemetry.io/otel/trace", stem: "oteltrace", packages: all},
	{path: "go.opentelemetry.io/otel/metric", stem: "otelmetric", packages: all},
	{path: "go.opentelemetry.io/otel/sdk", stem: "otelsdk", packages: all},
	{path: "go.opentelemetry.io/otel/sdk/metric", stem: "otelsdkmetric", packages: all},
	{path: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", stem: "otelhttp", packages: root},
	{path: "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc", stem: "otelgrpc", packages: root},
	{path: "github.com/sony/gobreaker", stem: "gobreaker", packages: root},
	{path: "github.com/sony/gobreaker/v2", stem: "gobreaker2", packages: root},
	{path: "github.com/cenkalti/backoff/v4", stem: "backoff4", packages: root},
	{path: "github.com/cenkalti/backoff/v5", stem: "backoff5", packages: root},
	{path: "github.com/avast/retry-go/v4", stem: "retry4", packages: root},
	{path: "github.com/hashicorp/consul/api", stem: "consulapi", packages: all},
	{path: "github.com/hashicorp/vault/api", stem: "vaultapi", packages: all},
	{path: "github.com/hashicorp/go-retryablehttp", stem: "retryablehttp", packages: all},
	{path: "github.com/hashicorp/go-multierror", stem: "multierror", packages: all},
	{path: "github.com/hashicorp/golang-lru", stem: "lru1", packages: all},
	{path: "github.com/hashicorp/golang-lru/v2", stem: "lru2", packages: all},
	{path: "github.com/spf13/viper", stem: "viper", packages: all},
	{path: "github.com/spf13/cobra", stem: "cobra", packages: all},
	{path: "github.com/spf13/pflag", stem: "pflag", packages: all},
	{path: "github.com/joho/godotenv", stem: "godotenv", packages: all},
	{path: "github.com/kelseyhightower/envconfig", stem: "envconfig", packages: all},
	{path: "github.com/google/uuid", stem: "uuid", packages: all},
	{path: "gopkg.in/yaml.v3", stem: "yaml3", packages: all},
	{path: "github.com/stretchr/testify", stem: "testify", packages: all},
	{path: "go.uber.org/mock", stem: "mock", packages: []string{"gomock"}},
	{path: "github.com/golang/mock", stem: "golangmock", packages: []string{"gomock"}},
	{path: "github.com/google/go-cmp", stem: "gocmp", packages: all},
	{path: "go.uber.org/goleak", stem: "goleak", packages: all},
	{path: "github.com/testcontainers/testcontainers-go", stem: "testcontainers", packages: all},
	{path: "github.com/ory/dockertest/v3", stem: "dockertest3", packages: root},
	{path: "github.com/alicebob/miniredis/v2", stem: "miniredis2", packages: all},
	{path: "github.com/DATA-DOG/go-sqlmock", stem: "sqlmock", packages: all},
	{path: "github.com/pkg/errors", stem: "pkgerrors", packages: all},
	{path: "go.uber.org/multierr", stem: "multierr", packages: all},
	{path: "k8s.io/api", stem: "k8sapi", packages: []string{"apps/v1", "batch/v1", "coordination/v1", "core/v1", "networking/v1", "policy/v1", "rbac/v1"}},
	{path: "k8s.io/apimachinery", stem: "k8sapimachinery", packages: []string{"pkg/api/errors", "pkg/api/equality", "pkg/api/meta", "pkg/api/resource", "pkg/apis/meta/v1", "pkg/apis/meta/v1/unstructured", "pkg/fields", "pkg/labels", "pkg/runtime", "pkg/runtime/schema", "pkg/runtime/serializer", "pkg/types", "pkg/util/errors", "pkg/util/intstr", "pkg/util/runtime", "pkg/util/sets", "pkg/util/uuid", "pkg/util/validation", "pkg/util/validation/field", "pkg/util/wait", "pkg/watch"}},
	{path: "k8s.io/client-go", stem: "k8sclientgo", packages: []string{"dynamic", "informers", "kubernetes", "kubernetes/typed/apps/v1", "kubernetes/typed/batch/v1", "kubernetes/typed/coordination/v1", "kubernetes/typed/core/v1", "kubernetes/fake", "kubernetes/scheme", "rest", "tools/cache", "tools/clientcmd", "tools/leaderelection", "tools/leaderelection/resourcelock", "tools/record", "util/retry", "util/workqueue", "util/homedir"}, cut: []string{"applyconfigurations", "informers/", "kubernetes/typed/", "listers"}},
	{path: "sigs.k8s.io/controller-runtime", stem: "controllerruntime", packages: []string{".", "pkg/builder", "pkg/cache", "pkg/client", "pkg/client/apiutil", "pkg/client/config", "pkg/client/fake", "pkg/client/interceptor", "pkg/cluster", "pkg/controller", "pkg/controller/controllerutil", "pkg/envtest", "pkg/event", "pkg/handler", "pkg/healthz", "pkg/leaderelection", "pkg/log", "pkg/log/zap", "pkg/manager", "pkg/manager/signals", "pkg/metrics", "pkg/metrics/server", "pkg/predicate", "pkg/reconcile", "pkg/scheme", "pkg/source", "pkg/webhook", "pkg/webhook/admission"}},
	{path: "github.com/google/wire", stem: "wire", packages: root},
	{path: "go.uber.org/fx", stem: "fx", packages: all},
	// What those above speak of.
	{path: "github.com/aws/smithy-go", stem: "smithy", packages: []string{".", "logging", "middleware", "transport/http"}},
	{path: "github.com/aws/aws-sdk-go-v2/credentials", stem: "aws2credentials", packages: []string{".", "stscreds"}},
	{path: "github.com/googleapis/gax-go/v2", stem: "gax2", packages: root},
	{path: "google.golang.org/api", stem: "gapi", packages: []string{"iterator", "option"}},
	{path: "github.com/go-logr/logr", stem: "logr", packages: root},
	{path: "github.com/prometheus/client_model", stem: "prommodel", packages: []string{"go"}},
	{path: "github.com/prometheus/common", stem: "promcommon", packages: []string{"model"}},
	{path: "github.com/vektah/gqlparser/v2", stem: "gqlparser2", packages: []string{"ast", "gqlerror"}},
	{path: "k8s.io/klog/v2", stem: "klog2", packages: root},
	{path: "k8s.io/utils", stem: "k8sutils", packages: []string{"clock", "ptr"}},
	{path: "github.com/valyala/fasthttp", stem: "fasthttp", packages: root},
	{path: "github.com/twmb/franz-go/pkg/kmsg", stem: "kmsg", packages: root},
	{path: "github.com/spf13/afero", stem: "afero", packages: root},
	{path: "github.com/labstack/gommon", stem: "gommon", packages: []string{"log"}},
	{path: "go.opentelemetry.io/otel/log", stem: "otellog", packages: root},
	// What people import beside them.
	{path: "github.com/aws/aws-sdk-go-v2/service/s3", stem: "aws2s3", packages: all},
	{path: "github.com/aws/aws-sdk-go-v2/service/dynamodb", stem: "aws2dynamodb", packages: all},
	{path: "github.com/go-playground/validator/v10", stem: "validator10", packages: root},
	{path: "github.com/gorilla/websocket", stem: "websocket", packages: root},
	{path: "github.com/coder/websocket", stem: "coderwebsocket", packages: root},
	{path: "github.com/robfig/cron/v3", stem: "cron3", packages: root},
	{path: "github.com/shopspring/decimal", stem: "decimal", packages: root},
	{path: "github.com/samber/lo", stem: "lo", packages: root},
	{path: "github.com/Masterminds/squirrel", stem: "squirrel", packages: root},
	{path: "github.com/fsnotify/fsnotify", stem: "fsnotify", packages: root},
	{path: "go.etcd.io/bbolt", stem: "bbolt", packages: root},
	{path: "go.etcd.io/etcd/client/v3", stem: "etcd3", packages: []string{".", "concurrency"}},
	{path: "github.com/oklog/ulid/v2", stem: "ulid2", packages: root},
	{path: "github.com/caarlos0/env/v11", stem: "env11", packages: root},
	{path: "github.com/go-redsync/redsync/v4", stem: "redsync4", packages: root},
	{path: "github.com/pressly/goose/v3", stem: "goose3", packages: root},
	{path: "github.com/golang-migrate/migrate/v4", stem: "migrate4", packages: root},
	{path: "go.opentelemetry.io/otel/exporters/otlp/otlptrace", stem: "otlptrace", packages: root},
	{path: "go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc", stem: "otlptracegrpc", packages: root},
	{path: "github.com/mitchellh/mapstructure", stem: "mapstructure", packages: root},
	{path: "github.com/go-viper/mapstructure/v2", stem: "mapstructure2", packages: root},
	{path: "github.com/urfave/cli/v2", stem: "urfavecli2", packages: root},
	{path: "github.com/failsafe-go/failsafe-go", stem: "failsafe", packages: []string{".", "circuitbreaker", "retrypolicy", "timeout"}},
}
