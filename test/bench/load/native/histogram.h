// Counts durations in buckets of at most 6 % width.
#pragma once

#include <array>
#include <cstdint>

namespace rtpload {

class Histogram {
public:
	void add(int64_t microseconds) {
		const uint64_t value = microseconds < 0 ? 0 : static_cast<uint64_t>(microseconds);
		buckets_[bucketOf(value)]++;
		count_++;
		if (value > max_) max_ = value;
	}

	void clear() { *this = Histogram{}; }

	uint64_t max() const { return max_; }

	/// The upper end of the bucket that holds the quantile, in microseconds.
	uint64_t quantile(double q) const {
		if (count_ == 0) return 0;
		const uint64_t wanted = static_cast<uint64_t>(q * static_cast<double>(count_ - 1)) + 1;
		uint64_t seen = 0;
		for (size_t i = 0; i < buckets_.size(); i++) {
			seen += buckets_[i];
			if (seen >= wanted) return upperEnd(i) < max_ ? upperEnd(i) : max_;
		}
		return max_;
	}

private:
	// 16 buckets to each doubling: the exponent and the four bits below the leading one.
	static size_t bucketOf(uint64_t value) {
		if (value < 16) return value;
		const int exponent = 63 - __builtin_clzll(value);
		const size_t bucket = static_cast<size_t>(exponent - 3) * 16 + ((value >> (exponent - 4)) & 15);
		return bucket < kBuckets ? bucket : kBuckets - 1;
	}

	static uint64_t upperEnd(size_t bucket) {
		if (bucket < 16) return bucket;
		const int exponent = static_cast<int>(bucket / 16) + 3;
		return (1ULL << exponent) + ((bucket % 16 + 1) << (exponent - 4)) - 1;
	}

	static constexpr size_t kBuckets = 16 * 32;
	std::array<uint32_t, kBuckets> buckets_{};
	uint64_t count_ = 0;
	uint64_t max_ = 0;
};

}  // namespace rtpload
