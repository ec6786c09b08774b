// Sends and receives all streams over one socket, in one thread, in ticks of a millisecond.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/socket.h>

#include "histogram.h"
#include "streams.h"

namespace rtpload {

class Generator {
public:
	/// Binds a UDP socket on the address; port 0 takes a free one. Throws std::runtime_error.
	Generator(const std::string& ip, uint16_t port);
	~Generator();

	uint16_t port() const { return port_; }

	/// Executes one line of the command language (see main.cc). Throws std::invalid_argument.
	void execute(const std::string& line);

	/// Sends what is due, receives what is there, and reports a window that has ended.
	void tick();

private:
	SendStream& senderOf(uint32_t id);
	void reshape(std::istream& in);
	void addSender(std::istream& in);
	void addReceiver(std::istream& in);
	void openWindow(int64_t lengthMs);
	void closeWindow();
	void report();
	void sendDue(int64_t now);
	void sendFrame(SendStream& stream, int64_t now);
	void flush();
	void receive();
	void take(uint8_t* packet, size_t length, int64_t arrivedAtNs);
	bool dropped();

	static constexpr size_t kBatch = 128;
	/// A stream that is later than this has its schedule moved, as a burst would only fill buffers.
	static constexpr int64_t kTooLateNs = 200'000'000;

	struct Due {
		int64_t at;
		SendStream* stream;
		bool operator>(const Due& other) const { return at > other.at; }
	};

	int socket_ = -1;
	uint16_t port_ = 0;
	std::unordered_map<uint32_t, std::unique_ptr<SendStream>> senders_;
	std::unordered_map<uint32_t, std::unique_ptr<RecvStream>> receivers_;
	std::priority_queue<Due, std::vector<Due>, std::greater<Due>> due_;
	std::mt19937 random_{20261120};
	double dropShare_ = 0;

	std::array<std::array<uint8_t, kMaxPacket + kAuthTag>, kBatch> out_;
	std::array<iovec, kBatch> outVectors_;
	std::array<mmsghdr, kBatch> outHeaders_;
	size_t pending_ = 0;

	enum class Window { none, open, draining };
	Window window_ = Window::none;
	int64_t windowFrom_ = 0;
	int64_t windowUntil_ = 0;
	int64_t windowClosed_ = 0;
	double cpuAtOpen_ = 0;
	double cpuAtClose_ = 0;
	uint64_t sent_ = 0;
	uint64_t onPurpose_ = 0;
	uint64_t sendErrors_ = 0;
	uint64_t moved_ = 0;
	uint64_t rtcp_ = 0;
	uint64_t unknown_ = 0;
	uint64_t alien_ = 0;
	uint64_t bytes_ = 0;
	uint32_t overflows_ = 0;
	uint32_t overflowsAtOpen_ = 0;
	Histogram transit_;
	Histogram lateness_;
};

}  // namespace rtpload
