#include "cli/status_text.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

namespace otlpipe::cli {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

const json* at(const json& object, std::initializer_list<const char*> path) {
  const json* here = &object;
  for (const char* key : path) {
    if (!here->is_object()) return nullptr;
    const auto found = here->find(key);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

std::string text(const json& object, std::initializer_list<const char*> path) {
  const json* value = at(object, path);
  if (value == nullptr || value->is_structured() || value->is_null()) return "-";
  if (!value->is_string()) return value->dump();
  return value->get<std::string>().empty() ? "-" : value->get<std::string>();
}

std::vector<json> list(const json& object, std::initializer_list<const char*> path) {
  const json* value = at(object, path);
  return value != nullptr && value->is_array() ? value->get<std::vector<json>>() : std::vector<json>();
}

std::string render(const std::vector<Row>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 3, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string of(const std::string& part, const std::string& whole) {
  return part + "/" + whole;
}

Row summary(const json& p, bool with_namespace) {
  Row row;
  if (with_namespace) row.push_back(text(p, {"metadata", "namespace"}));
  row.push_back(text(p, {"metadata", "name"}));
  row.push_back(text(p, {"status", "phase"}));
  row.push_back(of(text(p, {"status", "readyReplicas"}), text(p, {"status", "replicas"})));
  row.push_back(of(text(p, {"status", "workers", "applied"}), text(p, {"status", "workers", "reporting"})));
  for (const char* count : {"received", "sent", "refused", "dropped"})
    row.push_back(text(p, {"status", "flow", count}));
  return row;
}

bool good(const json& condition) {
  // Progressing is the one whose "False" is the quiet state.
  return text(condition, {"status"}) == "True" || text(condition, {"type"}) == "Progressing";
}

}  // namespace

std::string status_table(const json& pipelines, bool with_namespace) {
  Row head = {"NAME", "PHASE", "READY", "APPLIED", "RECEIVED/MIN", "SENT/MIN", "REFUSED/MIN", "DROPPED/MIN"};
  if (with_namespace) head.insert(head.begin(), "NAMESPACE");
  std::vector<Row> rows = {head};
  std::string below;
  for (const json& p : list(pipelines, {"items"})) {
    rows.push_back(summary(p, with_namespace));
    for (const json& condition : list(p, {"status", "conditions"})) {
      if (good(condition) || text(condition, {"type"}) == "Ready") continue;
      below += (with_namespace ? text(p, {"metadata", "namespace"}) + "/" : "") +
               text(p, {"metadata", "name"}) + ": " + text(condition, {"type"}) + " is " +
               text(condition, {"status"}) + ", " + text(condition, {"reason"}) + ": " +
               text(condition, {"message"}) + "\n";
    }
  }
  return render(rows, "") + (below.empty() ? "" : "\n" + below);
}

std::string status_detail(const json& p) {
  std::string out = "OtlpPipeline " + text(p, {"metadata", "namespace"}) + "/" +
                    text(p, {"metadata", "name"}) + ": " + text(p, {"status", "phase"}) + "\n\n";
  const json none = json::object();
  const json* inner = at(p, {"status"});
  const auto status = [&](std::initializer_list<const char*> path) {
    return text(inner ? *inner : none, path);
  };
  out +=
      render({{"mode", text(p, {"spec", "mode"})},
              {"workers", status({"readyReplicas"}) + " of " + status({"replicas"}) + " ready"},
              {"configuration", status({"workers", "applied"}) + " of " + status({"workers", "reporting"}) +
                                    " reporting workers run it, " + status({"workers", "rejected"}) +
                                    " rejected it (" + status({"configHash"}).substr(0, 12) + ")"},
              {"OTLP/gRPC", status({"endpoints", "grpc"})},
              {"OTLP/HTTP", status({"endpoints", "http"})},
              {"last minute", "received " + status({"flow", "received"}) + ", sent " +
                                  status({"flow", "sent"}) + ", refused " + status({"flow", "refused"}) +
                                  ", dropped " + status({"flow", "dropped"})}},
             "  ");
  std::vector<Row> exporters = {{"EXPORTER", "HEALTH", "QUEUED", "LAST ERROR"}};
  for (const json& e : list(p, {"status", "exporters"})) {
    exporters.push_back(
        {text(e, {"name"}), text(e, {"health"}), text(e, {"queuedItems"}), text(e, {"lastError"})});
  }
  if (exporters.size() > 1) out += "\n" + render(exporters, "  ");
  std::vector<Row> conditions = {{"CONDITION", "STATUS", "REASON", "MESSAGE"}};
  for (const json& c : list(p, {"status", "conditions"})) {
    conditions.push_back({text(c, {"type"}), text(c, {"status"}), text(c, {"reason"}), text(c, {"message"})});
  }
  if (conditions.size() > 1) out += "\n" + render(conditions, "  ");
  return out;
}

}  // namespace otlpipe::cli
