#include "worker/data/batch.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace otlpipe::worker::data {
namespace {

Bytes flatten(std::vector<Bytes> chunks, std::size_t size) {
  if (chunks.size() == 1) return std::move(chunks.front());
  std::string text;
  text.reserve(size);
  for (const Bytes& chunk : chunks) text.append(as_text(chunk.view()));
  return Bytes::from(std::move(text));
}

std::uint64_t pieces_needed(std::uint64_t amount, std::uint64_t limit) {
  return limit == 0 ? 1 : std::max<std::uint64_t>(1, (amount + limit - 1) / limit);
}

bool exceeds(std::uint64_t amount, std::uint64_t limit) {
  return limit != 0 && amount > limit;
}

}  // namespace

Batch::Batch(Signal signal, Bytes request, std::uint64_t records, Ack ack)
    : signal_(signal), bytes_(request.size()), records_(records) {
  chunks_.push_back(std::move(request));
  parts_.push_back({1, bytes_, records, std::move(ack)});
}

void Batch::add(std::vector<Bytes> chunks, Part part) {
  bytes_ += part.bytes;
  records_ += part.records;
  part.chunk_count = chunks.size();
  chunks_.insert(chunks_.end(), std::make_move_iterator(chunks.begin()),
                 std::make_move_iterator(chunks.end()));
  parts_.push_back(std::move(part));
}

// An empty one that what belongs to this one goes into.
Batch Batch::part_of_it() const {
  Batch batch(signal_);
  batch.metadata_ = metadata_;
  return batch;
}

void Batch::keep_metadata(const std::vector<std::string>& keys) {
  if (!metadata_) return;
  Metadata kept;
  for (const auto& entry : *metadata_) {
    if (std::find(keys.begin(), keys.end(), entry.first) != keys.end()) kept.push_back(entry);
  }
  if (kept.size() == metadata_->size()) return;
  metadata_ = kept.empty() ? nullptr : std::make_shared<const Metadata>(std::move(kept));
}

void Batch::append(Batch&& other) {
  packed_ = {};
  other.packed_ = {};
  if (!same_metadata(metadata_, other.metadata_)) metadata_ = nullptr;
  chunks_.insert(chunks_.end(), std::make_move_iterator(other.chunks_.begin()),
                 std::make_move_iterator(other.chunks_.end()));
  parts_.insert(parts_.end(), std::make_move_iterator(other.parts_.begin()),
                std::make_move_iterator(other.parts_.end()));
  bytes_ += std::exchange(other.bytes_, 0);
  records_ += std::exchange(other.records_, 0);
  other.chunks_.clear();
  other.parts_.clear();
}

void Batch::resolve(const Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kDelivered && outcome.rejected > 0 && parts_.size() != 1) {
    for (Part& part : parts_) part.ack.resolve(Outcome::delivered());
    return;
  }
  for (Part& part : parts_) part.ack.resolve(outcome);
}

void Batch::detach(const Outcome& outcome) {
  resolve(outcome);
  for (Part& part : parts_) part.ack = Ack();
}

void Batch::answer_on(EventLoop& home) {
  for (Part& part : parts_) {
    if (!part.ack) continue;
    const std::uint64_t records = part.ack.records();
    auto waiting = std::make_shared<Ack>(std::move(part.ack));
    part.ack = Ack::track(records, [&home, waiting = std::move(waiting)](Outcome outcome) {
      home.post([waiting, outcome = std::move(outcome)] { waiting->resolve(outcome); });
    });
  }
}

std::vector<Batch> Batch::fan_out(std::size_t copies) && {
  std::vector<Batch> result;
  result.reserve(copies);
  if (copies == 1) {
    result.push_back(std::move(*this));
    return result;
  }
  for (std::size_t i = 0; i < copies; ++i) {
    Batch copy = part_of_it();
    copy.chunks_ = chunks_;
    copy.packed_ = packed_;
    copy.bytes_ = bytes_;
    copy.records_ = records_;
    copy.parts_.reserve(parts_.size());
    result.push_back(std::move(copy));
  }
  for (Part& part : parts_) {
    std::vector<Ack> acks = std::move(part.ack).fan_out(copies);
    for (std::size_t i = 0; i < copies; ++i) {
      result[i].parts_.push_back({part.chunk_count, part.bytes, part.records, std::move(acks[i])});
    }
  }
  return result;
}

std::pair<Batch, Batch> Batch::bisect() && {
  std::pair<Batch, Batch> halves{part_of_it(), part_of_it()};
  auto chunk = chunks_.begin();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const auto next = chunk + static_cast<std::ptrdiff_t>(part.chunk_count);
    std::vector<Bytes> chunks(std::make_move_iterator(chunk), std::make_move_iterator(next));
    (i < parts_.size() / 2 ? halves.first : halves.second).add(std::move(chunks), std::move(part));
    chunk = next;
  }
  return halves;
}

std::vector<Batch> Batch::split(const Limits& limits) && {
  std::vector<Batch> result;
  if (!exceeds(records_, limits.records) && !exceeds(bytes_, limits.bytes)) {
    result.push_back(std::move(*this));
    return result;
  }
  Batch group = part_of_it();
  auto chunk = chunks_.begin();
  for (Part& part : parts_) {
    const auto next = chunk + static_cast<std::ptrdiff_t>(part.chunk_count);
    std::vector<Bytes> chunks(std::make_move_iterator(chunk), std::make_move_iterator(next));
    chunk = next;
    if (!exceeds(part.records, limits.records) && !exceeds(part.bytes, limits.bytes)) {
      if (!group.empty() && (exceeds(group.records_ + part.records, limits.records) ||
                             exceeds(group.bytes_ + part.bytes, limits.bytes))) {
        result.push_back(std::exchange(group, part_of_it()));
      }
      group.add(std::move(chunks), std::move(part));
      continue;
    }
    const std::uint64_t count =
        std::max(pieces_needed(part.records, limits.records), pieces_needed(part.bytes, limits.bytes));
    const std::uint64_t even = std::max<std::uint64_t>(1, (part.records + count - 1) / count);
    std::vector<Piece> pieces =
        data::split(signal_, flatten(std::move(chunks), part.bytes), part.records, {even, limits.bytes});
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Piece& piece = pieces[i];
      Ack ack = i + 1 < pieces.size() ? part.ack.split_off(piece.records) : std::move(part.ack);
      Batch one = part_of_it();
      one.add(std::move(piece.chunks), {0, piece.bytes, piece.records, std::move(ack)});
      result.push_back(std::move(one));
    }
  }
  if (!group.empty()) result.push_back(std::move(group));
  return result;
}

}  // namespace otlpipe::worker::data
