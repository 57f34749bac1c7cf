#include "operator/controller/pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace otlpipe::controller {
namespace {

using nlohmann::json;
using ::testing::IsEmpty;

kube::ObjectPtr pod(const std::string& name, json status) {
  return std::make_shared<const json>(json{{"metadata", {{"name", name}}}, {"status", std::move(status)}});
}
json waiting(const std::string& reason, const std::string& message = "") {
  return {{"containerStatuses",
           {{{"name", "worker"},
             {"ready", false},
             {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}}}}};
}

TEST(PodTroubles, RunningAndStartingPodsHaveNone) {
  EXPECT_THAT(
      pod_troubles({pod("a", waiting("ContainerCreating")), pod("b", {{"phase", "Running"}}), pod("c", {})}),
      IsEmpty());
}

TEST(PodTroubles, ImageThatCannotBePulledIsNamed) {
  const auto troubles = pod_troubles({pod("a", waiting("ImagePullBackOff", "Back-off pulling image \"x\""))});
  EXPECT_EQ(describe(troubles), "pod a: ImagePullBackOff: Back-off pulling image \"x\"");
}

TEST(PodTroubles, CrashLoopTellsTheLastWordsOfTheContainer) {
  json status = waiting("CrashLoopBackOff", "back-off 10s restarting failed container");
  status["containerStatuses"][0]["lastState"]["terminated"] = {
      {"exitCode", 1},
      {"reason", "Error"},
      {"message", "starting\notlpipe-worker: receivers[0]: port 4317 is in use\n"}};
  EXPECT_EQ(describe(pod_troubles({pod("a", status)})),
            "pod a: CrashLoopBackOff: exit code 1: otlpipe-worker: receivers[0]: port 4317 is in use");
}

TEST(PodTroubles, OutOfMemoryIsSaid) {
  json status = waiting("CrashLoopBackOff");
  status["containerStatuses"][0]["lastState"]["terminated"] = {{"exitCode", 137}, {"reason", "OOMKilled"}};
  EXPECT_EQ(describe(pod_troubles({pod("a", status)})), "pod a: CrashLoopBackOff: exit code 137 (OOMKilled)");
}

TEST(PodTroubles, PodThatFindsNoNodeIsTold) {
  const json status = {{"conditions",
                        {{{"type", "PodScheduled"},
                          {"status", "False"},
                          {"reason", "Unschedulable"},
                          {"message", "0/1 nodes are available: 1 Insufficient cpu."}}}}};
  EXPECT_EQ(describe(pod_troubles({pod("a", status)})),
            "pod a: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
}

TEST(PodTroubles, ManyPodsAreCountedAndOneIsTold) {
  EXPECT_EQ(describe(pod_troubles({pod("b", waiting("ErrImagePull")), pod("a", waiting("ErrImagePull"))})),
            "pod a: ErrImagePull (and 1 more pods)");
}

TEST(PodTroubles, PodsThatEndAreLeftOut) {
  json going = *pod("a", waiting("CrashLoopBackOff"));
  going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  EXPECT_THAT(pod_troubles({std::make_shared<const json>(going)}), IsEmpty());
}

TEST(PodTroubles, StatusOfAnyShapeIsSurvived) {
  EXPECT_THAT(pod_troubles({pod("a", json()), pod("b", {{"conditions", 5}, {"containerStatuses", "x"}}),
                            pod("c", {{"containerStatuses", {1, "x"}}})}),
              IsEmpty());
}

TEST(StripPod, KeepsWhatIsReadAndDropsTheRest) {
  json full = {
      {"metadata",
       {{"name", "a"},
        {"uid", "u"},
        {"labels", {{"x", "y"}}},
        {"annotations", {{"big", "…"}, {"otlpipe.io/memory-limit", "1"}}}}},
      {"spec", {{"containers", {{{"name", "worker"}, {"image", "i"}, {"env", {1, 2}}}}}, {"nodeName", "n"}}},
      {"status", {{"phase", "Running"}, {"podIPs", {1}}}}};
  strip_pod(full);
  EXPECT_EQ(kube::name(full), "a");
  EXPECT_EQ(full["metadata"]["annotations"], (json{{"otlpipe.io/memory-limit", "1"}}));
  EXPECT_EQ(full["spec"]["containers"][0], (json{{"name", "worker"}, {"image", "i"}}));
  EXPECT_EQ(full["status"], (json{{"phase", "Running"}}));
}

}  // namespace
}  // namespace otlpipe::controller
