#include "worker/transport/http1_writer.h"

#include <algorithm>
#include <string>

#include "worker/transport/http_date.h"

namespace otlpipe::worker::transport {

namespace {

void add(std::string& text, std::string_view part) {
  const std::size_t start = text.size();
  text.append(part);
  std::replace_if(
      text.begin() + static_cast<std::ptrdiff_t>(start), text.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

void add_header(std::string& text, std::string_view name, std::string_view value) {
  add(text, name);
  text.append(": ");
  add(text, value);
  text.append("\r\n");
}

}  // namespace

void write_response_head(OutputQueue& out, const HttpResponse& response, WallTime date,
                         Http1Connection connection) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text.append(reason_phrase(response.status)).append("\r\n");
  add_header(text, "date", format_http_date(date));
  for (const auto& [name, value] : response.headers) add_header(text, name, value);
  if (response.status != 204) add_header(text, "content-length", std::to_string(response.body.size()));
  if (connection == Http1Connection::kClose) text.append("connection: close\r\n");
  if (connection == Http1Connection::kKeepAlive) text.append("connection: keep-alive\r\n");
  text.append("\r\n");
  out.append(text);
}

void write_request_head(OutputQueue& out, const ClientRequest& request, const ClientOptions& options,
                        std::string_view content_encoding, std::size_t content_length) {
  std::string text = "POST ";
  add(text, request.path);
  text.append(" HTTP/1.1\r\n");
  add_header(text, "host", options.authority);
  if (!options.user_agent.empty()) add_header(text, "user-agent", options.user_agent);
  for (const auto& [name, value] : request.headers) add_header(text, name, value);
  if (!content_encoding.empty()) add_header(text, "content-encoding", content_encoding);
  add_header(text, "content-length", std::to_string(content_length));
  text.append("\r\n");
  out.append(text);
}

}  // namespace otlpipe::worker::transport
