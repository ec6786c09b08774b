// What the generator's RTP packets look like, and what of them is read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>

namespace rtpload {

/// At the end of each payload, so that it survives whatever a server rewrites in the header.
struct Trailer {
	uint32_t stream;
	uint32_t counter;
	int64_t sentAtNs;
};
constexpr size_t kTrailer = sizeof(Trailer);
constexpr size_t kMaxPacket = 1472;

inline void put16(uint8_t* at, uint16_t value) { value = htons(value); memcpy(at, &value, 2); }
inline void put32(uint8_t* at, uint32_t value) { value = htonl(value); memcpy(at, &value, 4); }
inline uint16_t get16(const uint8_t* at) { uint16_t value; memcpy(&value, at, 2); return ntohs(value); }
inline uint32_t get32(const uint8_t* at) { uint32_t value; memcpy(&value, at, 4); return ntohl(value); }

/// RFC 5761 §4: where RTP and RTCP share a port, the second byte tells them apart.
inline bool isRtcp(const uint8_t* packet) { return packet[1] >= 192 && packet[1] <= 223; }

/// Length of the RTP header with CSRCs and extension (RFC 3550 §5.1, §5.3.1), or 0 where this is none.
inline size_t rtpHeaderLength(const uint8_t* packet, size_t length) {
	if (length < 12 || (packet[0] >> 6) != 2) return 0;
	size_t header = 12 + 4 * static_cast<size_t>(packet[0] & 0x0f);
	if ((packet[0] & 0x10) != 0) {
		if (length < header + 4) return 0;
		header += 4 + 4 * static_cast<size_t>(get16(packet + header + 2));
	}
	return header <= length ? header : 0;
}

struct PacketPlan {
	uint8_t payloadType;
	uint32_t ssrc;
	uint16_t sequence;
	uint32_t timestamp;
	bool marker;
	/// RFC 6464 audio level, as the one-byte header extension of this id; none where the id is 0.
	uint8_t levelExtension;
	/// 0 is loudest, 127 silence.
	uint8_t level;
	bool video;
	bool firstOfFrame;
	bool keyFrame;
	uint16_t pictureId;
	size_t payload;
	Trailer trailer;
};

/// Writes a packet and gives its length. Its payload is filler but for the VP8 payload descriptor (RFC 7741 §4.2) and the trailer.
inline size_t writePacket(uint8_t* packet, size_t& headerLength, const PacketPlan& plan) {
	packet[0] = plan.levelExtension == 0 ? 0x80 : 0x90;
	packet[1] = static_cast<uint8_t>(plan.payloadType | (plan.marker ? 0x80 : 0));
	put16(packet + 2, plan.sequence);
	put32(packet + 4, plan.timestamp);
	put32(packet + 8, plan.ssrc);
	size_t at = 12;
	if (plan.levelExtension != 0) {
		put16(packet + at, 0xbede);
		put16(packet + at + 2, 1);
		packet[at + 4] = static_cast<uint8_t>(plan.levelExtension << 4);
		packet[at + 5] = static_cast<uint8_t>((plan.level < 50 ? 0x80 : 0) | plan.level);
		packet[at + 6] = packet[at + 7] = 0;
		at += 8;
	}
	headerLength = at;
	memset(packet + at, 0x5a, plan.payload);
	if (plan.video) {
		packet[at] = static_cast<uint8_t>(0x80 | (plan.firstOfFrame ? 0x10 : 0));
		packet[at + 1] = 0x80;
		put16(packet + at + 2, static_cast<uint16_t>(0x8000 | (plan.pictureId & 0x7fff)));
		if (plan.firstOfFrame) packet[at + 4] = plan.keyFrame ? 0x10 : 0x11;
	}
	memcpy(packet + at + plan.payload - kTrailer, &plan.trailer, kTrailer);
	return at + plan.payload;
}

}  // namespace rtpload
