#include "tests/operator/kube/client_contract.h"

#include <chrono>
#include <set>

namespace otlpipe::kube::testing {
namespace {

using Json = nlohmann::json;

std::string word(WatchEventType type) {
  switch (type) {
    case WatchEventType::kAdded:
      return "ADDED";
    case WatchEventType::kModified:
      return "MODIFIED";
    case WatchEventType::kDeleted:
      return "DELETED";
    case WatchEventType::kBookmark:
      return "BOOKMARK";
  }
  return "?";
}

}  // namespace

nlohmann::json ClientContract::deployment(const std::string& name, int replicas) const {
  const Json labels = {{"app", name}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", name}, {"namespace", world_.ns}}},
          {"spec",
           {{"replicas", replicas},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"containers", {{{"name", "main"}, {"image", "example/main:1"}}}}}}}}}}};
}

WatchLog::WatchLog(Client& client, const Resource& resource, WatchOptions options)
    : thread_([this, &client, resource, options](const std::stop_token& stop) {
        const auto on_event = [this](WatchEventType type, Json&& object) {
          const std::lock_guard lock(mutex_);
          if (type == WatchEventType::kBookmark) return;
          events_.emplace_back(word(type) + " " + std::string(name(object)), std::move(object));
          changed_.notify_all();
        };
        Status result = client.watch(resource, options, on_event, stop);
        const std::lock_guard lock(mutex_);
        result_ = std::move(result);
      }) {}

WatchLog::~WatchLog() = default;

std::string WatchLog::next() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(60), [this] { return read_ < events_.size(); }))
    return "";
  return events_[read_++].first;
}

Json WatchLog::last_object() const {
  const std::lock_guard lock(mutex_);
  return events_.at(read_ - 1).second;
}

Status WatchLog::stop() {
  thread_.request_stop();
  thread_.join();
  return result_;
}

TEST_P(ClientContract, GetOfWhatIsNotThereIsNotFound) {
  const auto got = client().get(config_maps(), key("missing"));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Code::kNotFound) << got.error().to_string();
  EXPECT_NE(got.error().message.find("missing"), std::string::npos) << got.error().message;
}

TEST_P(ClientContract, CreateFillsServerFieldsAndASecondCreateAlreadyExists) {
  const auto made = client().create(config_maps(), config_map("one"));
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_FALSE(uid(*made).empty());
  EXPECT_FALSE(resource_version(*made).empty());
  const auto got = client().get(config_maps(), key("one"));
  ASSERT_TRUE(got);
  EXPECT_EQ((*got)["data"]["a"], "1");
  const auto again = client().create(config_maps(), config_map("one"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists) << again.error().to_string();
}

TEST_P(ClientContract, ApplyCreatesThenRemovesFieldsThatLeaveAndKeepsForeignOnes) {
  ASSERT_TRUE(client().apply(config_maps(), config_map("app", {{"a", "1"}, {"b", "2"}}), {}));
  ASSERT_TRUE(client().patch(config_maps(), key("app"), {{"data", {{"foreign", "x"}}}}, ""));
  const auto applied = client().apply(config_maps(), config_map("app", {{"a", "3"}}), {});
  ASSERT_TRUE(applied) << applied.error().to_string();
  EXPECT_EQ((*applied)["data"], (Json{{"a", "3"}, {"foreign", "x"}}));
}

TEST_P(ClientContract, ApplyOfTheSameChangesNothing) {
  const auto first = client().apply(config_maps(), config_map("same"), {});
  ASSERT_TRUE(first);
  const auto second = client().apply(config_maps(), config_map("same"), {});
  ASSERT_TRUE(second);
  EXPECT_EQ(resource_version(*first), resource_version(*second));
}

TEST_P(ClientContract, ApplyWithoutForceConflictsWithAnotherManagerAndForceTakesOver) {
  ApplyOptions other;
  other.field_manager = "somebody";
  ASSERT_TRUE(client().apply(config_maps(), config_map("owned", {{"a", "theirs"}}), other));
  ApplyOptions gentle;
  gentle.force = false;
  const auto refused = client().apply(config_maps(), config_map("owned", {{"a", "mine"}}), gentle);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kAborted) << refused.error().to_string();
  EXPECT_NE(refused.error().message.find(".data.a"), std::string::npos) << refused.error().message;
  const auto taken = client().apply(config_maps(), config_map("owned", {{"a", "mine"}}), {});
  ASSERT_TRUE(taken) << taken.error().to_string();
  EXPECT_EQ((*taken)["data"]["a"], "mine");
}

TEST_P(ClientContract, DryRunAnswersButDoesNotStore) {
  ApplyOptions dry;
  dry.dry_run = true;
  ASSERT_TRUE(client().apply(config_maps(), config_map("dry"), dry));
  EXPECT_FALSE(client().get(config_maps(), key("dry")));
}

TEST_P(ClientContract, UpdateOfAnOldVersionIsAborted) {
  auto made = client().create(config_maps(), config_map("race"));
  ASSERT_TRUE(made);
  Json mine = *made;
  mine["data"]["a"] = "2";
  ASSERT_TRUE(client().update(config_maps(), mine));
  Json late = *made;
  late["data"]["a"] = "3";
  const auto refused = client().update(config_maps(), late);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kAborted) << refused.error().to_string();
  EXPECT_TRUE(refused.error().retry.allowed());
}

TEST_P(ClientContract, SpecRaisesTheGenerationAndStatusDoesNot) {
  const auto made = client().apply(deployments(), deployment("gen", 1), {});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(generation(*made), 1);
  const auto scaled = client().apply(deployments(), deployment("gen", 2), {});
  ASSERT_TRUE(scaled) << scaled.error().to_string();
  EXPECT_EQ(generation(*scaled), 2);
  Json status = {{"apiVersion", "apps/v1"},
                 {"kind", "Deployment"},
                 {"metadata", {{"name", "gen"}, {"namespace", world_.ns}}},
                 {"status", {{"replicas", 2}, {"readyReplicas", 1}, {"observedGeneration", 2}}}};
  ApplyOptions to_status;
  to_status.subresource = "status";
  const auto reported = client().apply(deployments(), status, to_status);
  ASSERT_TRUE(reported) << reported.error().to_string();
  EXPECT_EQ(generation(*reported), 2);
  EXPECT_EQ(find_int(*reported, "status.readyReplicas"), 1);
  EXPECT_EQ(find_int(*reported, "spec.replicas"), 2) << "a status write must leave the spec alone";
  status["status"].erase("readyReplicas");
  const auto less = client().apply(deployments(), status, to_status);
  ASSERT_TRUE(less) << less.error().to_string();
  EXPECT_EQ(find(*less, "status.readyReplicas"), nullptr);
}

TEST_P(ClientContract, ListComesInPagesOfOneVersion) {
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(client().create(config_maps(), config_map("page-" + std::to_string(i))));
  }
  std::set<std::string> seen;
  std::set<std::string> versions;
  ListOptions options;
  options.ns = world_.ns;
  options.label_selector = "suite=contract";
  options.limit = 3;
  int pages = 0;
  do {
    const auto page = client().list(config_maps(), options);
    ASSERT_TRUE(page) << page.error().to_string();
    EXPECT_LE(page->at("items").size(), 3U);
    for (const Json& item : page->at("items")) seen.insert(std::string(name(item)));
    versions.insert(std::string(resource_version(*page)));
    options.continue_token = std::string(find_string(*page, "metadata.continue"));
    ++pages;
  } while (!options.continue_token.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(versions.size(), 1U);
}

TEST_P(ClientContract, ListSelectsByLabelAndField) {
  ASSERT_TRUE(client().create(config_maps(), config_map("pick")));
  Json other = config_map("other");
  other["metadata"]["labels"] = {{"suite", "else"}};
  ASSERT_TRUE(client().create(config_maps(), other));
  ListOptions options;
  options.ns = world_.ns;
  options.label_selector = "suite=else";
  const auto labelled = client().list(config_maps(), options);
  ASSERT_TRUE(labelled) << labelled.error().to_string();
  ASSERT_EQ(labelled->at("items").size(), 1U);
  EXPECT_EQ(name(labelled->at("items")[0]), "other");
  options.label_selector.clear();
  options.field_selector = "metadata.name=pick";
  const auto named = client().list(config_maps(), options);
  ASSERT_TRUE(named) << named.error().to_string();
  ASSERT_EQ(named->at("items").size(), 1U);
  EXPECT_EQ(name(named->at("items")[0]), "pick");
}

TEST_P(ClientContract, DeleteOfAnotherIncarnationIsAbortedAndOfNothingIsNotFound) {
  const auto made = client().create(config_maps(), config_map("gone"));
  ASSERT_TRUE(made);
  DeleteOptions wrong;
  wrong.uid = "00000000-0000-0000-0000-000000000000";
  const Status refused = client().remove(config_maps(), key("gone"), wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kAborted) << refused.error().to_string();
  DeleteOptions right;
  right.uid = std::string(uid(*made));
  const Status removed = client().remove(config_maps(), key("gone"), right);
  EXPECT_TRUE(removed) << removed.error().to_string();
  const Status again = client().remove(config_maps(), key("gone"), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kNotFound);
}

TEST_P(ClientContract, FinalizerKeepsADeletedObjectUntilItIsRemoved) {
  Json object = config_map("held");
  object["metadata"]["finalizers"] = {"otlpipe.io/test"};
  ASSERT_TRUE(client().create(config_maps(), object));
  ASSERT_TRUE(client().remove(config_maps(), key("held"), {}));
  const auto held = client().get(config_maps(), key("held"));
  ASSERT_TRUE(held) << held.error().to_string();
  EXPECT_TRUE(is_deleting(*held));
  ASSERT_TRUE(client().patch(config_maps(), key("held"), {{"metadata", {{"finalizers", nullptr}}}}, ""));
  EXPECT_FALSE(client().get(config_maps(), key("held")));
}

TEST_P(ClientContract, WatchShowsEachChangeAfterTheListAndEndsAtOnceWhenStopped) {
  ListOptions list;
  list.ns = world_.ns;
  const auto before = client().list(config_maps(), list);
  ASSERT_TRUE(before) << before.error().to_string();
  WatchOptions options;
  options.ns = world_.ns;
  options.label_selector = "suite=contract";
  options.resource_version = std::string(resource_version(*before));
  WatchLog log(client(), config_maps(), options);
  ASSERT_TRUE(client().create(config_maps(), config_map("w")));
  EXPECT_EQ(log.next(), "ADDED w");
  ASSERT_TRUE(client().apply(config_maps(), config_map("w", {{"a", "2"}}), {}));
  EXPECT_EQ(log.next(), "MODIFIED w");
  EXPECT_EQ(log.last_object()["data"]["a"], "2");
  ASSERT_TRUE(client().remove(config_maps(), key("w"), {}));
  EXPECT_EQ(log.next(), "DELETED w");
  const auto began = std::chrono::steady_clock::now();
  const Status stopped = log.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::kCancelled) << stopped.error().to_string();
}

TEST_P(ClientContract, SeveralWatchesRunSideBySide) {
  std::vector<std::unique_ptr<WatchLog>> logs;
  const auto before = client().list(config_maps(), {.ns = world_.ns});
  ASSERT_TRUE(before);
  WatchOptions options;
  options.ns = world_.ns;
  options.label_selector = "suite=contract";
  options.resource_version = std::string(resource_version(*before));
  for (int i = 0; i < 6; ++i) logs.push_back(std::make_unique<WatchLog>(client(), config_maps(), options));
  ASSERT_TRUE(client().create(config_maps(), config_map("many")));
  for (auto& log : logs) EXPECT_EQ(log->next(), "ADDED many");
}

TEST_P(ClientContract, VersionIsReadable) {
  const auto version = client().get_raw("/version");
  ASSERT_TRUE(version) << version.error().to_string();
  EXPECT_EQ(find_string(*version, "major"), "1");
  const auto nothing = client().get_raw("/no/such/path");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Code::kNotFound);
}

}  // namespace otlpipe::kube::testing
