// SHA1_Update and its kin are deprecated in OpenSSL 3 in favour of EVP_MAC, which costs more per packet than the hash itself.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "srtp.h"

#include <cstring>
#include <stdexcept>

namespace rtpload {

namespace {

// Labels of RFC 3711 §4.3.1.
constexpr uint8_t kLabelEncryption = 0;
constexpr uint8_t kLabelAuthentication = 1;
constexpr uint8_t kLabelSalt = 2;

EVP_CIPHER_CTX* newCipher(const uint8_t key[kMasterKey]) {
	EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
	if (context == nullptr || EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key, nullptr) != 1) {
		EVP_CIPHER_CTX_free(context);
		throw std::runtime_error("AES-128-CTR is not available");
	}
	return context;
}

// The key derivation of RFC 3711 §4.3.3 with a derivation rate of 0.
void derive(EVP_CIPHER_CTX* master, const uint8_t salt[kMasterSalt], uint8_t label, uint8_t* out, size_t length) {
	uint8_t iv[16] = {};
	memcpy(iv, salt, kMasterSalt);
	iv[7] ^= label;
	memset(out, 0, length);
	int written = 0;
	EVP_EncryptInit_ex(master, nullptr, nullptr, nullptr, iv);
	EVP_EncryptUpdate(master, out, &written, out, static_cast<int>(length));
}

void startHmac(SHA_CTX& context, const uint8_t key[SHA_DIGEST_LENGTH], uint8_t pad) {
	uint8_t block[SHA_CBLOCK];
	memset(block, pad, sizeof block);
	for (size_t i = 0; i < SHA_DIGEST_LENGTH; i++) block[i] ^= key[i];
	SHA1_Init(&context);
	SHA1_Update(&context, block, sizeof block);
}

}  // namespace

SrtpStream::SrtpStream(const std::string& keyBase64, uint32_t ssrc) : ssrc_(ssrc) {
	// EVP_DecodeBlock writes whole groups of three.
	uint8_t raw[48];
	if (keyBase64.size() != 40) throw std::invalid_argument("a key is 40 characters of base64");
	if (EVP_DecodeBlock(raw, reinterpret_cast<const uint8_t*>(keyBase64.data()), 40) != kMasterKey + kMasterSalt) {
		throw std::invalid_argument("not base64");
	}
	EVP_CIPHER_CTX* master = newCipher(raw);
	const uint8_t* masterSalt = raw + kMasterKey;
	uint8_t key[kMasterKey];
	uint8_t authentication[SHA_DIGEST_LENGTH];
	derive(master, masterSalt, kLabelEncryption, key, sizeof key);
	derive(master, masterSalt, kLabelAuthentication, authentication, sizeof authentication);
	derive(master, masterSalt, kLabelSalt, salt_, kMasterSalt);
	EVP_CIPHER_CTX_free(master);
	startHmac(inner_, authentication, 0x36);
	startHmac(outer_, authentication, 0x5c);
	cipher_ = newCipher(key);
}

SrtpStream::~SrtpStream() { EVP_CIPHER_CTX_free(cipher_); }

size_t SrtpStream::protect(uint8_t* packet, size_t length, size_t headerLength, uint16_t sequence) {
	// The sender sees each number once and in order: a lower one than the last has rolled over.
	uint64_t index = (highest_ & ~0xffffULL) | sequence;
	if (any_ && index <= highest_) index += 0x10000;
	highest_ = index;
	any_ = true;
	keystreamXor(packet + headerLength, length - headerLength, index, 0);
	uint8_t digest[SHA_DIGEST_LENGTH];
	tag(packet, length, static_cast<uint32_t>(index >> 16), digest);
	memcpy(packet + length, digest, kAuthTag);
	return length + kAuthTag;
}

SrtpStream::Verdict SrtpStream::unprotect(uint8_t* packet, size_t& length, size_t headerLength, uint16_t sequence, size_t tail) {
	if (length < headerLength + tail + kAuthTag) return Verdict::forged;
	// The guess of RFC 3711 §3.3.1: the rollover counter that puts the number nearest to the highest one.
	uint64_t index = sequence;
	if (any_) {
		index = (highest_ & ~0xffffULL) | sequence;
		if (index + 0x8000 < highest_) index += 0x10000;
		else if (index > highest_ + 0x8000 && index >= 0x10000) index -= 0x10000;
	}
	length -= kAuthTag;
	uint8_t digest[SHA_DIGEST_LENGTH];
	tag(packet, length, static_cast<uint32_t>(index >> 16), digest);
	if (memcmp(packet + length, digest, kAuthTag) != 0) return Verdict::forged;
	if (seenBefore(index)) return Verdict::repeated;
	const size_t payload = length - headerLength;
	keystreamXor(packet + length - tail, tail, index, payload - tail);
	return Verdict::ok;
}

// The replay list of RFC 3711 §3.3.2, 64 packets wide.
bool SrtpStream::seenBefore(uint64_t index) {
	if (!any_ || index > highest_) {
		const uint64_t ahead = any_ ? index - highest_ : 64;
		window_ = ahead >= 64 ? 1 : (window_ << ahead) | 1;
		highest_ = index;
		any_ = true;
		return false;
	}
	const uint64_t behind = highest_ - index;
	if (behind >= 64) return true;
	const uint64_t bit = 1ULL << behind;
	if ((window_ & bit) != 0) return true;
	window_ |= bit;
	return false;
}

// RFC 3711 §4.1.1; `offset` is where in the payload `data` begins.
void SrtpStream::keystreamXor(uint8_t* data, size_t length, uint64_t index, size_t offset) {
	uint8_t iv[16];
	memcpy(iv, salt_, sizeof iv);
	for (int i = 0; i < 4; i++) iv[4 + i] ^= static_cast<uint8_t>(ssrc_ >> (24 - 8 * i));
	for (int i = 0; i < 6; i++) iv[8 + i] ^= static_cast<uint8_t>(index >> (40 - 8 * i));
	const size_t block = offset / 16;
	iv[14] = static_cast<uint8_t>(block >> 8);
	iv[15] = static_cast<uint8_t>(block);
	int written = 0;
	EVP_EncryptInit_ex(cipher_, nullptr, nullptr, nullptr, iv);
	if (const size_t skip = offset % 16; skip != 0) {
		uint8_t unused[16] = {};
		EVP_EncryptUpdate(cipher_, unused, &written, unused, static_cast<int>(skip));
	}
	EVP_EncryptUpdate(cipher_, data, &written, data, static_cast<int>(length));
}

// HMAC-SHA1 over the packet and the rollover counter (RFC 3711 §4.2).
void SrtpStream::tag(const uint8_t* packet, size_t length, uint32_t rollover, uint8_t out[SHA_DIGEST_LENGTH]) const {
	const uint8_t counter[4] = {static_cast<uint8_t>(rollover >> 24), static_cast<uint8_t>(rollover >> 16),
	                            static_cast<uint8_t>(rollover >> 8), static_cast<uint8_t>(rollover)};
	SHA_CTX context = inner_;
	SHA1_Update(&context, packet, length);
	SHA1_Update(&context, counter, sizeof counter);
	SHA1_Final(out, &context);
	context = outer_;
	SHA1_Update(&context, out, SHA_DIGEST_LENGTH);
	SHA1_Final(out, &context);
}

}  // namespace rtpload
