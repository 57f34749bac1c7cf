#pragma once

#include <string>
#include <vector>

#include "operator/api/field_problem.h"
#include "operator/render/context.h"

namespace otlpipe::render {

using api::FieldProblem;

// What no schema can see: names that cannot be given to children, and fields of the user that collide with
// what the operator itself puts into the pod (labels, annotations, environment, volumes, mounts). Empty: all
// is well.
std::vector<FieldProblem> check(const Pipeline& pipeline, const std::vector<Port>& ports);

}  // namespace otlpipe::render
