// rtpload <ip> <port>: RTP and SRTP load by command, one per line on stdin:
//
//   send <id> <ip> <port> <ssrc> <payload type> audio|video <frame interval µs> <packets per frame> <payload bytes>
//        <clock ticks per frame> <frames per key frame> <RFC 6464 extension id or 0> <key or ->   starts a stream
//   recv <id of its source> <ssrc> <key or ->                                                     expects it back
//   shape <id> <frame interval µs> <payload bytes>      stop <id>      drop <share of packets left out on purpose>
//   window <ms>                        measures, and answers with one line of JSON half a second after its end
//
// Keys are of AES_CM_128_HMAC_SHA1_80, as in SDES. The first line on stdout tells the port. Ends with its stdin.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "Generator.h"

namespace {

// Executes all whole lines that have arrived. False at the end of the input.
bool readCommands(rtpload::Generator& generator, std::string& rest) {
	char buffer[65536];
	for (;;) {
		const ssize_t count = read(STDIN_FILENO, buffer, sizeof buffer);
		if (count == 0) return false;
		if (count < 0) return true;
		rest.append(buffer, static_cast<size_t>(count));
		size_t from = 0;
		for (size_t end; (end = rest.find('\n', from)) != std::string::npos; from = end + 1) {
			const std::string line = rest.substr(from, end - from);
			try {
				generator.execute(line);
			} catch (const std::exception& error) {
				printf("{\"type\":\"error\",\"message\":\"%s\"}\n", error.what());
				fflush(stdout);
			}
		}
		rest.erase(0, from);
	}
}

}  // namespace

int main(int argc, char** argv) {
	if (argc != 3) {
		fprintf(stderr, "usage: rtpload <ip> <port>\n");
		return 2;
	}
	try {
		rtpload::Generator generator(argv[1], static_cast<uint16_t>(atoi(argv[2])));
		printf("{\"type\":\"ready\",\"port\":%u}\n", generator.port());
		fflush(stdout);
		fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
		std::string rest;
		pollfd input{STDIN_FILENO, POLLIN, 0};
		const timespec pause{0, 1'000'000};
		for (;;) {
			// Arrivals wait for the tick: taking them in batches is what keeps this cheap.
			if (ppoll(&input, 1, &pause, nullptr) > 0 && !readCommands(generator, rest)) return 0;
			generator.tick();
		}
	} catch (const std::exception& error) {
		fprintf(stderr, "rtpload: %s\n", error.what());
		return 1;
	}
}
