// SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711) for one SSRC, on OpenSSL's primitives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace rtpload {

constexpr size_t kRtpHeader = 12;
constexpr size_t kAuthTag = 10;
constexpr size_t kMasterKey = 16;
constexpr size_t kMasterSalt = 14;

class SrtpStream {
public:
	/// `keyBase64`: master key and salt as in SDES (RFC 4568 §6.1). Throws std::invalid_argument.
	SrtpStream(const std::string& keyBase64, uint32_t ssrc);
	~SrtpStream();
	SrtpStream(const SrtpStream&) = delete;
	SrtpStream& operator=(const SrtpStream&) = delete;

	/// Encrypts the payload in place and appends the tag: `packet` needs kAuthTag bytes of room. Gives the new length.
	size_t protect(uint8_t* packet, size_t length, size_t headerLength, uint16_t sequence);

	enum class Verdict { ok, forged, repeated };
	/// Checks the tag, then decrypts the last `tail` bytes of the payload, which is all that anyone reads here.
	Verdict unprotect(uint8_t* packet, size_t& length, size_t headerLength, uint16_t sequence, size_t tail);

private:
	void keystreamXor(uint8_t* data, size_t length, uint64_t index, size_t offset);
	void tag(const uint8_t* packet, size_t length, uint32_t rollover, uint8_t out[SHA_DIGEST_LENGTH]) const;
	bool seenBefore(uint64_t index);

	EVP_CIPHER_CTX* cipher_ = nullptr;
	uint8_t salt_[16] = {};
	uint32_t ssrc_;
	SHA_CTX inner_;
	SHA_CTX outer_;
	/// Of the packet with the highest index so far (RFC 3711 §3.3.1); 2^16 stands for the first rollover.
	uint64_t highest_ = 0;
	bool any_ = false;
	uint64_t window_ = 0;
};

}  // namespace rtpload
