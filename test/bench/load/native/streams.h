// One stream that is sent, and one that is received.
#pragma once

#include <cstdint>
#include <memory>

#include <netinet/in.h>

#include "packets.h"
#include "srtp.h"

namespace rtpload {

struct SendStream {
	uint32_t id;
	sockaddr_in target;
	uint32_t ssrc;
	uint8_t payloadType;
	bool video;
	uint8_t levelExtension;
	int64_t intervalNs;
	uint32_t packetsPerFrame;
	size_t payload;
	uint32_t ticksPerFrame;
	uint32_t framesPerKeyFrame;
	std::unique_ptr<SrtpStream> srtp;

	uint16_t sequence = 0;
	uint32_t timestamp = 0;
	uint32_t frame = 0;
	/// Packets so far, dropped ones included.
	uint32_t counter = 0;
	bool stopped = false;

	/// Counters [first, last) belong to the window.
	bool inWindow = false;
	uint32_t first = 0;
	uint32_t last = 0;
};

struct RecvStream {
	const SendStream* source;
	std::unique_ptr<SrtpStream> srtp;
	/// In the window.
	uint32_t received = 0;
	uint32_t repeated = 0;
	uint32_t forged = 0;
	/// Over its whole life.
	uint64_t total = 0;
};

}  // namespace rtpload
