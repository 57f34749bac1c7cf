#include "cli/status_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::cli {
namespace {

using nlohmann::json;

json ready() {
  return json::parse(R"({
    "metadata": {"name": "gateway", "namespace": "ns"}, "spec": {"mode": "Deployment"},
    "status": {"phase": "Ready", "replicas": 3, "readyReplicas": 3, "configHash": "5f1c0123456789abcdef",
      "workers": {"reporting": 3, "applied": 3, "rejected": 0},
      "endpoints": {"grpc": "gateway.ns.svc:4317", "http": "http://gateway.ns.svc:4318"},
      "flow": {"received": 120, "sent": 110, "refused": 0, "dropped": 10},
      "exporters": [{"name": "backend", "health": "Failing", "queuedItems": 12, "lastError": "refused"}],
      "conditions": [{"type": "FlowHealthy", "status": "False", "reason": "Dropping", "message": "10 items dropped"},
                     {"type": "Progressing", "status": "False", "reason": "Done", "message": ""},
                     {"type": "Ready", "status": "False", "reason": "Dropping", "message": "x"}]}})");
}

TEST(StatusTable, OneLineEachAndBelowWhatIsWrong) {
  EXPECT_EQ(
      status_table({{"items", json::array({ready()})}}, true),
      "NAMESPACE   NAME      PHASE   READY   APPLIED   RECEIVED/MIN   SENT/MIN   REFUSED/MIN   DROPPED/MIN\n"
      "ns          gateway   Ready   3/3     3/3       120            110        0             10\n"
      "\n"
      "ns/gateway: FlowHealthy is False, Dropping: 10 items dropped\n");
}

TEST(StatusDetail, EverythingAboutOne) {
  EXPECT_EQ(status_detail(ready()),
            "OtlpPipeline ns/gateway: Ready\n"
            "\n"
            "  mode            Deployment\n"
            "  workers         3 of 3 ready\n"
            "  configuration   3 of 3 reporting workers run it, 0 rejected it (5f1c01234567)\n"
            "  OTLP/gRPC       gateway.ns.svc:4317\n"
            "  OTLP/HTTP       http://gateway.ns.svc:4318\n"
            "  last minute     received 120, sent 110, refused 0, dropped 10\n"
            "\n"
            "  EXPORTER   HEALTH    QUEUED   LAST ERROR\n"
            "  backend    Failing   12       refused\n"
            "\n"
            "  CONDITION     STATUS   REASON     MESSAGE\n"
            "  FlowHealthy   False    Dropping   10 items dropped\n"
            "  Progressing   False    Done       -\n"
            "  Ready         False    Dropping   x\n");
}

TEST(StatusText, WhatIsMissingOrOddShowsAsADash) {
  for (const json& odd : {json::object(), json(1), json::parse(R"({"status": 1, "metadata": []})"),
                          json::parse(R"({"status": {"flow": [], "exporters": {}, "conditions": [1]}})")}) {
    EXPECT_NE(status_detail(odd).find("last minute     received -"), std::string::npos) << odd;
    EXPECT_NE(status_table({{"items", json::array({odd})}}, false).find("\n-"), std::string::npos) << odd;
  }
}

}  // namespace
}  // namespace otlpipe::cli
