#include "worker/data/split.h"

#include <memory>
#include <string>
#include <utility>

#include "worker/data/index.h"
#include "worker/data/wire.h"

namespace otlpipe::worker::data {
namespace {

// Key and length of an opened message at their longest: its field number is below 16, its length below 2^35.
constexpr std::size_t kMaxHeader = 6;

// Puts one piece together. Headers are written once the lengths are known, that is when their message is
// closed.
class PieceBuilder {
 public:
  explicit PieceBuilder(const Bytes& source) : source_(source) {}

  void copy(std::size_t begin, std::size_t end) {
    if (begin == end) return;
    bytes_ += end - begin;
    if (!segments_.empty() && !segments_.back().header && segments_.back().end == begin) {
      segments_.back().end = end;
    } else {
      segments_.push_back({begin, end, false});
    }
  }
  void open(std::uint32_t field) {
    open_.push_back({segments_.size(), bytes_, field});
    segments_.push_back({0, 0, true});
  }
  void close() {
    const Opened opened = open_.back();
    open_.pop_back();
    Segment& segment = segments_[opened.segment];
    segment.begin = headers_.size();
    wire::append_tag(headers_, opened.field, wire::kLength);
    wire::append_varint(headers_, bytes_ - opened.bytes_before);
    segment.end = headers_.size();
    bytes_ += segment.end - segment.begin;
  }
  void count_record() { ++records_; }

  std::uint64_t records() const { return records_; }
  bool empty() const { return segments_.empty(); }
  // The largest that the piece can become when nothing else is added.
  std::size_t upper_bound() const { return bytes_ + open_.size() * kMaxHeader; }

  Piece finish() {
    while (!open_.empty()) close();
    const Bytes headers = Bytes::from(std::move(headers_));
    Piece piece;
    piece.chunks.reserve(segments_.size());
    for (const Segment& s : segments_)
      piece.chunks.push_back((s.header ? headers : source_).slice(s.begin, s.end - s.begin));
    piece.bytes = bytes_;
    piece.records = records_;
    return piece;
  }

 private:
  struct Segment {
    std::size_t begin;
    std::size_t end;
    bool header;
  };
  struct Opened {
    std::size_t segment;
    std::size_t bytes_before;
    std::uint32_t field;
  };

  const Bytes& source_;
  std::string headers_;
  std::vector<Segment> segments_;
  std::vector<Opened> open_;
  std::size_t bytes_ = 0;
  std::uint64_t records_ = 0;
};

class Splitter {
 public:
  Splitter(const Bytes& source, const Limits& limits, Index index)
      : source_(source),
        limits_(limits),
        index_(std::move(index)),
        piece_(std::make_unique<PieceBuilder>(source)) {}

  std::vector<Piece> run() {
    copy_own(0, source_.size(), 0, count());
    for (std::uint32_t i = 0; i < count(); i = index_.nodes[i].subtree_end) visit(i);
    if (!piece_->empty() || pieces_.empty()) pieces_.push_back(piece_->finish());
    return std::move(pieces_);
  }

 private:
  std::uint32_t count() const { return static_cast<std::uint32_t>(index_.nodes.size()); }

  // What lies in a message between its children: its own fields.
  template <typename Visit>
  void own_ranges(std::size_t begin, std::size_t end, std::uint32_t first, std::uint32_t last,
                  Visit visit) const {
    for (std::uint32_t i = first; i < last; i = index_.nodes[i].subtree_end) {
      visit(begin, index_.nodes[i].begin);
      begin = index_.nodes[i].end;
    }
    visit(begin, end);
  }
  void copy_own(std::size_t begin, std::size_t end, std::uint32_t first, std::uint32_t last) {
    own_ranges(begin, end, first, last, [this](std::size_t b, std::size_t e) { piece_->copy(b, e); });
  }
  std::size_t own_size(std::uint32_t i) const {
    const Node& node = index_.nodes[i];
    std::size_t size = kMaxHeader;
    own_ranges(node.payload, node.end, i + 1, node.subtree_end,
               [&](std::size_t b, std::size_t e) { size += e - b; });
    return size;
  }

  void open(std::uint32_t i) {
    const Node& node = index_.nodes[i];
    piece_->open(node.field);
    copy_own(node.payload, node.end, i + 1, node.subtree_end);
  }

  void visit(std::uint32_t i) {
    const Node& node = index_.nodes[i];
    if (node.record) {
      add_record(node);
      return;
    }
    path_.push_back(i);
    for (std::uint32_t c = i + 1; c < node.subtree_end; c = index_.nodes[c].subtree_end) visit(c);
    if (node.subtree_end == i + 1) {
      // What holds no record is opened (and so kept) where it stands.
      if (piece_->records() > 0 && is_over(0)) next_piece();
      open_path();
    }
    if (opened_ == path_.size()) {
      piece_->close();
      --opened_;
    }
    path_.pop_back();
  }

  void open_path() {
    for (; opened_ < path_.size(); ++opened_) open(path_[opened_]);
  }

  void add_record(const Node& node) {
    const bool many = limits_.records != 0 && piece_->records() >= limits_.records;
    if (piece_->records() > 0 && (many || is_over(node.end - node.begin))) next_piece();
    open_path();
    piece_->copy(node.begin, node.end);
    piece_->count_record();
  }

  void next_piece() {
    pieces_.push_back(piece_->finish());
    piece_ = std::make_unique<PieceBuilder>(source_);
    opened_ = 0;
  }

  // Whether the piece would become too large by `more` bytes inside of the messages that the walk is in.
  bool is_over(std::size_t more) const {
    if (limits_.bytes == 0) return false;
    std::size_t size = piece_->upper_bound() + more;
    for (std::size_t level = opened_; level < path_.size(); ++level) size += own_size(path_[level]);
    return size > limits_.bytes;
  }

  const Bytes& source_;
  const Limits& limits_;
  const Index index_;
  std::unique_ptr<PieceBuilder> piece_;
  std::vector<Piece> pieces_;
  std::vector<std::uint32_t> path_;  // the messages that the walk is inside of
  std::size_t opened_ = 0;           // how many of them the piece has open
};

}  // namespace

std::vector<Piece> split(Signal signal, const Bytes& request, std::uint64_t records, const Limits& limits) {
  const bool few = limits.records == 0 || records <= limits.records;
  const bool small = limits.bytes == 0 || request.size() <= limits.bytes;
  if ((few && small) || records <= 1) {
    std::vector<Piece> whole(1);
    whole[0] = {{request}, request.size(), records};
    return whole;
  }
  return Splitter(request, limits, build_index(signal, request.view())).run();
}

}  // namespace otlpipe::worker::data
