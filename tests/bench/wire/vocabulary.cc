#include "tests/bench/wire/vocabulary.h"

namespace otlpipe::bench {
namespace {

constexpr std::string_view kServices[] = {"frontend", "checkout",  "cart",     "payment",        "shipping",
                                          "catalog",  "inventory", "currency", "recommendation", "email"};
constexpr std::string_view kScopes[] = {"io.opentelemetry.spring-webmvc-6.0", "io.opentelemetry.netty-4.1",
                                        "io.opentelemetry.jdbc", "@opentelemetry/instrumentation-http",
                                        "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"};
constexpr std::string_view kMethods[] = {"GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE"};
constexpr std::string_view kRoutes[] = {"/api/v1/products/{id}", "/api/v1/cart/{id}/items",
                                        "/api/v1/orders/{id}",   "/api/v1/users/{id}/addresses",
                                        "/api/v1/checkout/{id}", "/api/v1/recommendations/{id}"};
constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "okhttp/4.12.0",
    "python-requests/2.32.3"};

std::string padded(std::uint64_t value, std::size_t digits) {
  std::string text = std::to_string(value);
  return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

}  // namespace

void add_text(Attributes& to, std::string_view key, std::string_view value) {
  auto& added = *to.Add();
  added.set_key(std::string(key));
  added.mutable_value()->set_string_value(std::string(value));
}

void add_number(Attributes& to, std::string_view key, std::int64_t value) {
  auto& added = *to.Add();
  added.set_key(std::string(key));
  added.mutable_value()->set_int_value(value);
}

std::uint64_t time_of(std::uint64_t step, Dice& dice) {
  return 1'760'000'000'000'000'000u + step * 1'300'000u + dice.below(1'000'000);
}

void fill_resource(opentelemetry::proto::resource::v1::Resource& resource, Dice& dice) {
  auto& out = *resource.mutable_attributes();
  const std::string service(dice.pick(kServices));
  const std::string pod =
      service + "-" + padded(dice.below(1'000'000'000), 9) + "-" + padded(dice.below(100'000), 5);
  add_text(out, "service.name", service);
  add_text(out, "service.namespace", "shop");
  add_text(out, "service.version", "2.14." + std::to_string(dice.below(30)));
  add_text(out, "service.instance.id", pod);
  add_text(out, "deployment.environment.name", "production");
  add_text(out, "telemetry.sdk.language", "java");
  add_text(out, "telemetry.sdk.name", "opentelemetry");
  add_text(out, "telemetry.sdk.version", "1.49.0");
  add_text(out, "k8s.cluster.name", "eu-west-1-shop");
  add_text(out, "k8s.namespace.name", "shop-production");
  add_text(out, "k8s.deployment.name", service);
  add_text(out, "k8s.pod.name", pod);
  add_text(out, "k8s.node.name",
           "ip-10-0-" + std::to_string(dice.below(64)) + "-17.eu-west-1.compute.internal");
  add_text(out, "cloud.provider", "aws");
  add_text(out, "cloud.region", "eu-west-1");
  add_number(out, "process.pid", static_cast<std::int64_t>(1 + dice.below(4'000)));
}

void fill_scope(opentelemetry::proto::common::v1::InstrumentationScope& scope, Dice& dice) {
  scope.set_name(std::string(dice.pick(kScopes)));
  scope.set_version("2.15.0-alpha");
}

std::string_view http_method(Dice& dice) {
  return dice.pick(kMethods);
}

std::string_view http_route(Dice& dice) {
  return dice.pick(kRoutes);
}

std::string http_target(std::string_view route, Dice& dice) {
  const std::size_t at = route.find("{id}");
  return std::string(route.substr(0, at)) + padded(dice.below(10'000'000), 7) +
         std::string(route.substr(at + 4));
}

std::int64_t http_status(Dice& dice) {
  return dice.one_in(40) ? 500 : dice.one_in(12) ? 404 : dice.one_in(6) ? 201 : 200;
}

std::string_view user_agent(Dice& dice) {
  return dice.pick(kAgents);
}

std::string sql_statement(Dice& dice) {
  return "SELECT id, sku, price FROM order_items WHERE order_id = " + padded(dice.below(100'000'000), 8) +
         " AND tenant = " + std::to_string(dice.below(400)) + " LIMIT 50";
}

std::string client_address(Dice& dice) {
  return "10." + std::to_string(dice.below(4)) + "." + std::to_string(dice.below(256)) + "." +
         std::to_string(dice.below(256));
}

}  // namespace otlpipe::bench
