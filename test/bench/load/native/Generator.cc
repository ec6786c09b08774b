#include "Generator.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <unistd.h>

namespace rtpload {

namespace {

constexpr int64_t kDrainNs = 500'000'000;
/// Loss of one leg above which it counts as bad: the limit that the bench holds itself to.
constexpr double kBadLoss = 0.005;

// Wall time, since that is what the kernel stamps arrivals with.
int64_t nowNs() {
	timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

double cpuSeconds() {
	rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

// The forced sizes need CAP_NET_ADMIN; without it the system's limit applies.
void enlargeBuffers(int socket) {
	const int wanted = 64 << 20;
	if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
		setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
	}
	if (setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0) {
		setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
	}
}

// Room for the VP8 descriptor before the trailer, and for header and extension before both.
void checkPayload(size_t payload) {
	if (payload < kTrailer + 8 || payload + 20 > kMaxPacket) throw std::invalid_argument("bad payload size");
}

std::unique_ptr<SrtpStream> srtpOf(const std::string& key, uint32_t ssrc) {
	return key == "-" ? nullptr : std::make_unique<SrtpStream>(key, ssrc);
}

}  // namespace

Generator::Generator(const std::string& ip, uint16_t port) {
	socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (socket_ < 0) throw std::runtime_error("no socket");
	enlargeBuffers(socket_);
	const int on = 1;
	setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
	setsockopt(socket_, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
	sockaddr_in address{};
	address.sin_family = AF_INET;
	address.sin_port = htons(port);
	if (inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) throw std::runtime_error("not an IPv4 address: " + ip);
	if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
		throw std::runtime_error("cannot bind " + ip + ":" + std::to_string(port) + ": " + strerror(errno));
	}
	socklen_t length = sizeof address;
	getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
	port_ = ntohs(address.sin_port);
	for (size_t i = 0; i < kBatch; i++) {
		outHeaders_[i] = {};
		outHeaders_[i].msg_hdr.msg_iov = &outVectors_[i];
		outHeaders_[i].msg_hdr.msg_iovlen = 1;
	}
}

Generator::~Generator() { close(socket_); }

void Generator::execute(const std::string& line) {
	std::istringstream in(line);
	std::string command;
	if (!(in >> command)) return;
	if (command == "send") return addSender(in);
	if (command == "recv") return addReceiver(in);
	if (command == "window") {
		int64_t lengthMs = 0;
		if (!(in >> lengthMs) || lengthMs <= 0) throw std::invalid_argument("window <ms>");
		return openWindow(lengthMs);
	}
	if (command == "shape") return reshape(in);
	if (command == "stop") {
		uint32_t id = 0;
		in >> id;
		senderOf(id).stopped = true;
		return;
	}
	if (command == "drop") {
		if (!(in >> dropShare_) || dropShare_ < 0 || dropShare_ > 1) throw std::invalid_argument("drop <share>");
		return;
	}
	throw std::invalid_argument("unknown command: " + command);
}

SendStream& Generator::senderOf(uint32_t id) {
	const auto found = senders_.find(id);
	if (found == senders_.end()) throw std::invalid_argument("no such stream: " + std::to_string(id));
	return *found->second;
}

void Generator::reshape(std::istream& in) {
	uint32_t id = 0;
	int64_t intervalUs = 0;
	size_t payload = 0;
	if (!(in >> id >> intervalUs >> payload) || intervalUs <= 0) throw std::invalid_argument("shape <id> <interval µs> <payload bytes>");
	SendStream& stream = senderOf(id);
	checkPayload(payload);
	stream.intervalNs = intervalUs * 1000;
	stream.payload = payload;
}

void Generator::addSender(std::istream& in) {
	auto stream = std::make_unique<SendStream>();
	std::string ip, kind, key;
	uint32_t port, payloadType, extension;
	int64_t intervalUs;
	if (!(in >> stream->id >> ip >> port >> stream->ssrc >> payloadType >> kind >> intervalUs >> stream->packetsPerFrame >>
	      stream->payload >> stream->ticksPerFrame >> stream->framesPerKeyFrame >> extension >> key)) {
		throw std::invalid_argument("send: too few arguments");
	}
	checkPayload(stream->payload);
	if (intervalUs <= 0 || stream->packetsPerFrame == 0 || (kind != "audio" && kind != "video")) {
		throw std::invalid_argument("send: bad arguments");
	}
	stream->target.sin_family = AF_INET;
	stream->target.sin_port = htons(static_cast<uint16_t>(port));
	if (inet_pton(AF_INET, ip.c_str(), &stream->target.sin_addr) != 1) throw std::invalid_argument("send: not an IPv4 address");
	stream->payloadType = static_cast<uint8_t>(payloadType);
	stream->levelExtension = static_cast<uint8_t>(extension);
	stream->intervalNs = intervalUs * 1000;
	stream->video = kind == "video";
	stream->srtp = srtpOf(key, stream->ssrc);
	// In the lower half, so that losing the first packets cannot cost the receiver its rollover counter (RFC 3711 §3.3.1).
	stream->sequence = static_cast<uint16_t>(random_() & 0x7fff);
	stream->timestamp = random_();
	SendStream* raw = stream.get();
	const auto added = senders_.emplace(stream->id, std::move(stream));
	if (!added.second) throw std::invalid_argument("send: this id is taken");
	due_.push({nowNs() + static_cast<int64_t>(random_() % static_cast<uint64_t>(raw->intervalNs)), raw});
}

void Generator::addReceiver(std::istream& in) {
	uint32_t source, ssrc;
	std::string key;
	if (!(in >> source >> ssrc >> key)) throw std::invalid_argument("recv: too few arguments");
	auto stream = std::make_unique<RecvStream>();
	stream->source = &senderOf(source);
	stream->srtp = srtpOf(key, ssrc);
	if (!receivers_.emplace(ssrc, std::move(stream)).second) throw std::invalid_argument("recv: this SSRC is taken");
}

void Generator::openWindow(int64_t lengthMs) {
	if (window_ != Window::none) throw std::invalid_argument("window: one is open");
	for (auto& [id, stream] : senders_) {
		stream->inWindow = !stream->stopped;
		stream->first = stream->counter;
		stream->last = UINT32_MAX;
	}
	for (auto& [ssrc, stream] : receivers_) stream->received = stream->repeated = stream->forged = 0;
	transit_.clear();
	lateness_.clear();
	sent_ = onPurpose_ = sendErrors_ = moved_ = rtcp_ = unknown_ = alien_ = bytes_ = 0;
	overflowsAtOpen_ = overflows_;
	cpuAtOpen_ = cpuSeconds();
	windowFrom_ = nowNs();
	windowUntil_ = windowFrom_ + lengthMs * 1'000'000;
	window_ = Window::open;
}

void Generator::closeWindow() {
	windowClosed_ = nowNs();
	cpuAtClose_ = cpuSeconds();
	for (auto& [id, stream] : senders_) stream->last = stream->counter;
	window_ = Window::draining;
}

void Generator::report() {
	window_ = Window::none;
	uint64_t expected = 0, received = 0, repeated = 0, forged = 0, streams = 0, bad = 0, silent = 0;
	double worst = 0;
	for (const auto& [ssrc, stream] : receivers_) {
		if (!stream->source->inWindow) continue;
		const uint64_t wanted = stream->source->last - stream->source->first;
		if (wanted == 0) continue;
		streams++;
		expected += wanted;
		received += stream->received;
		repeated += stream->repeated;
		forged += stream->forged;
		const double loss = 1.0 - static_cast<double>(stream->received) / static_cast<double>(wanted);
		if (loss > worst) worst = loss;
		if (loss > kBadLoss) bad++;
		if (stream->received == 0) silent++;
	}
	printf("{\"type\":\"window\",\"seconds\":%.3f,\"senders\":%zu,\"receivers\":%lu,\"sent\":%lu,\"droppedOnPurpose\":%lu,"
	       "\"expected\":%lu,\"received\":%lu,\"bytes\":%lu,\"repeated\":%lu,\"forged\":%lu,\"unknown\":%lu,\"alien\":%lu,\"rtcp\":%lu,"
	       "\"worstLoss\":%.6f,\"badStreams\":%lu,\"silentStreams\":%lu,\"sendErrors\":%lu,\"socketDrops\":%u,\"movedFrames\":%lu,"
	       "\"transitUs\":{\"p50\":%lu,\"p95\":%lu,\"p99\":%lu,\"max\":%lu},\"latenessUs\":{\"p50\":%lu,\"p95\":%lu,\"p99\":%lu,\"max\":%lu},"
	       "\"cpuSeconds\":%.3f}\n",
	       static_cast<double>(windowClosed_ - windowFrom_) * 1e-9, senders_.size(), streams, sent_, onPurpose_, expected, received, bytes_,
	       repeated, forged, unknown_, alien_, rtcp_, worst, bad, silent, sendErrors_, overflows_ - overflowsAtOpen_, moved_,
	       transit_.quantile(0.5), transit_.quantile(0.95), transit_.quantile(0.99), transit_.max(), lateness_.quantile(0.5),
	       lateness_.quantile(0.95), lateness_.quantile(0.99), lateness_.max(), cpuAtClose_ - cpuAtOpen_);
	fflush(stdout);
}

void Generator::tick() {
	const int64_t now = nowNs();
	if (window_ == Window::open && now >= windowUntil_) closeWindow();
	sendDue(now);
	receive();
	if (window_ == Window::draining && nowNs() >= windowClosed_ + kDrainNs) report();
}

void Generator::sendDue(int64_t now) {
	while (!due_.empty() && due_.top().at <= now) {
		auto [at, stream] = due_.top();
		due_.pop();
		if (stream->stopped) continue;
		if (window_ == Window::open) lateness_.add((now - at) / 1000);
		if (now - at > kTooLateNs) {
			moved_ += static_cast<uint64_t>((now - at) / stream->intervalNs);
			at = now;
		}
		sendFrame(*stream, now);
		due_.push({at + stream->intervalNs, stream});
	}
	flush();
}

void Generator::sendFrame(SendStream& stream, int64_t now) {
	// Talks for three seconds, then listens for three; streams with odd ids the other way round.
	const bool talking = ((now / 3'000'000'000LL) + stream.id) % 2 == 0;
	const bool keyFrame = stream.framesPerKeyFrame != 0 && stream.frame % stream.framesPerKeyFrame == 0;
	for (uint32_t i = 0; i < stream.packetsPerFrame; i++) {
		const uint16_t sequence = stream.sequence++;
		const uint32_t counter = stream.counter++;
		if (dropped()) continue;
		uint8_t* packet = out_[pending_].data();
		size_t header = 0;
		size_t length = writePacket(packet, header,
		                            {.payloadType = stream.payloadType,
		                             .ssrc = stream.ssrc,
		                             .sequence = sequence,
		                             .timestamp = stream.timestamp,
		                             .marker = stream.video && i + 1 == stream.packetsPerFrame,
		                             .levelExtension = stream.levelExtension,
		                             .level = static_cast<uint8_t>(talking ? 25 : 127),
		                             .video = stream.video,
		                             .firstOfFrame = i == 0,
		                             .keyFrame = keyFrame,
		                             .pictureId = static_cast<uint16_t>(stream.frame),
		                             .payload = stream.payload,
		                             .trailer = {stream.id, counter, nowNs()}});
		if (stream.srtp) length = stream.srtp->protect(packet, length, header, sequence);
		outVectors_[pending_] = {packet, length};
		outHeaders_[pending_].msg_hdr.msg_name = &stream.target;
		outHeaders_[pending_].msg_hdr.msg_namelen = sizeof stream.target;
		if (++pending_ == kBatch) flush();
	}
	stream.timestamp += stream.ticksPerFrame;
	stream.frame++;
}

void Generator::flush() {
	size_t done = 0;
	while (done < pending_) {
		const int count = sendmmsg(socket_, &outHeaders_[done], static_cast<unsigned>(pending_ - done), 0);
		if (count > 0) {
			if (window_ == Window::open) sent_ += static_cast<uint64_t>(count);
			done += static_cast<size_t>(count);
		} else if (errno != EINTR) {
			sendErrors_++;
			done++;
		}
	}
	pending_ = 0;
}

void Generator::receive() {
	static std::array<std::array<uint8_t, 2048>, kBatch> buffers;
	static std::array<std::array<uint8_t, 128>, kBatch> controls;
	static std::array<iovec, kBatch> vectors;
	static std::array<mmsghdr, kBatch> headers;
	// Bounded, so that a flood of arrivals cannot hold up what is due.
	for (int round = 0; round < 64; round++) {
		for (size_t i = 0; i < kBatch; i++) {
			vectors[i] = {buffers[i].data(), buffers[i].size()};
			headers[i] = {};
			headers[i].msg_hdr.msg_iov = &vectors[i];
			headers[i].msg_hdr.msg_iovlen = 1;
			headers[i].msg_hdr.msg_control = controls[i].data();
			headers[i].msg_hdr.msg_controllen = controls[i].size();
		}
		const int count = recvmmsg(socket_, headers.data(), kBatch, MSG_DONTWAIT, nullptr);
		if (count <= 0) return;
		for (int i = 0; i < count; i++) {
			msghdr& header = headers[static_cast<size_t>(i)].msg_hdr;
			int64_t arrivedAt = 0;
			for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
				if (control->cmsg_level != SOL_SOCKET) continue;
				if (control->cmsg_type == SCM_TIMESTAMPNS) {
					timespec time;
					memcpy(&time, CMSG_DATA(control), sizeof time);
					arrivedAt = time.tv_sec * 1'000'000'000LL + time.tv_nsec;
				} else if (control->cmsg_type == SO_RXQ_OVFL) {
					memcpy(&overflows_, CMSG_DATA(control), sizeof overflows_);
				}
			}
			take(buffers[static_cast<size_t>(i)].data(), headers[static_cast<size_t>(i)].msg_len, arrivedAt);
		}
		if (count < static_cast<int>(kBatch)) return;
	}
}

void Generator::take(uint8_t* packet, size_t length, int64_t arrivedAtNs) {
	if (length >= 8 && isRtcp(packet)) {
		rtcp_++;
		return;
	}
	const size_t header = rtpHeaderLength(packet, length);
	if (header == 0 || length < header + kTrailer) {
		alien_++;
		return;
	}
	const auto found = receivers_.find(get32(packet + 8));
	if (found == receivers_.end()) {
		unknown_++;
		return;
	}
	RecvStream& stream = *found->second;
	const size_t wire = length;
	if (stream.srtp) {
		const auto verdict = stream.srtp->unprotect(packet, length, header, get16(packet + 2), kTrailer);
		if (verdict == SrtpStream::Verdict::forged) stream.forged++;
		if (verdict == SrtpStream::Verdict::repeated) stream.repeated++;
		if (verdict != SrtpStream::Verdict::ok) return;
	}
	Trailer trailer;
	memcpy(&trailer, packet + length - kTrailer, kTrailer);
	if (trailer.stream != stream.source->id) {
		alien_++;
		return;
	}
	stream.total++;
	if (!stream.source->inWindow || trailer.counter < stream.source->first || trailer.counter >= stream.source->last) return;
	stream.received++;
	bytes_ += wire;
	transit_.add((arrivedAtNs - trailer.sentAtNs) / 1000);
}

bool Generator::dropped() {
	if (dropShare_ == 0 || std::uniform_real_distribution<double>(0, 1)(random_) >= dropShare_) return false;
	if (window_ == Window::open) onPurpose_++;
	return true;
}

}  // namespace rtpload
