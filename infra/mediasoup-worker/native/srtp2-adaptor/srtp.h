#pragma once
// The worker is written for libsrtp 3: opaque policies, and protect/unprotect from one buffer
// into another. Distributions carry libsrtp 2. This header gives the worker the part of the
// libsrtp 3 interface that it uses, on top of libsrtp 2. C++ overloading keeps apart the
// functions that have the same name in both.
#include <srtp2/srtp.h>
#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

// Codes that only libsrtp 3 has; the worker has a text for each.
constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

namespace srtp2_adaptor
{
	// A libsrtp 2 policy together with the key that it points to.
	struct Policy
	{
		srtp_policy_t native{};
		std::uint8_t key[SRTP_MAX_KEY_LEN]{};

		~Policy()
		{
			// Through a volatile pointer, so that the compiler keeps the wipe.
			volatile std::uint8_t* byte = this->key;

			for (std::size_t i = 0; i < sizeof(this->key); ++i)
			{
				byte[i] = 0;
			}
		}
	};

	// Copies the packet into `out` and lets a libsrtp 2 function work on it in place there.
	// `growth` is how much longer the function may make it.
	template<typename InPlace>
	srtp_err_status_t transform(
	  const std::uint8_t* in,
	  std::size_t inLength,
	  std::uint8_t* out,
	  std::size_t* outLength,
	  std::size_t growth,
	  InPlace inPlace)
	{
		if (inLength > *outLength || growth > *outLength - inLength || inLength > INT_MAX - growth)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::copy_n(in, inLength, out);
		}

		auto length                    = static_cast<int>(inLength);
		const srtp_err_status_t status = inPlace(out, std::addressof(length));

		if (status == srtp_err_status_ok)
		{
			*outLength = static_cast<std::size_t>(length);
		}

		return status;
	}

	constexpr std::size_t RtpGrowth{ SRTP_MAX_TRAILER_LEN };
	// SRTCP appends its E flag and index too (RFC 3711 section 3.4).
	constexpr std::size_t RtcpGrowth{ SRTP_MAX_TRAILER_LEN + 4 };
} // namespace srtp2_adaptor

inline srtp_err_status_t srtp_policy_create(srtp2_adaptor::Policy** policy)
{
	*policy = new (std::nothrow) srtp2_adaptor::Policy;

	return *policy == nullptr ? srtp_err_status_alloc_fail : srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp2_adaptor::Policy* policy)
{
	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp2_adaptor::Policy* policy, srtp_ssrc_t ssrc)
{
	policy->native.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp2_adaptor::Policy* policy, srtp_profile_t profile)
{
	const auto status =
	  srtp_crypto_policy_set_from_profile_for_rtp(std::addressof(policy->native.rtp), profile);

	if (status != srtp_err_status_ok)
	{
		return status;
	}

	return srtp_crypto_policy_set_from_profile_for_rtcp(std::addressof(policy->native.rtcp), profile);
}

// The worker uses no MKI, so the last two are ignored.
inline srtp_err_status_t srtp_policy_add_key(
  srtp2_adaptor::Policy* policy,
  const std::uint8_t* key,
  std::size_t keyLength,
  const std::uint8_t* salt,
  std::size_t saltLength,
  const std::uint8_t* /*mki*/,
  std::size_t /*mkiLength*/)
{
	if (keyLength > sizeof(policy->key) || saltLength > sizeof(policy->key) - keyLength)
	{
		return srtp_err_status_bad_param;
	}

	std::copy_n(salt, saltLength, std::copy_n(key, keyLength, policy->key));
	policy->native.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp2_adaptor::Policy* policy, bool allow)
{
	policy->native.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp2_adaptor::Policy* policy, std::size_t size)
{
	policy->native.window_size = size;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp2_adaptor::Policy* policy)
{
	const srtp_policy_t* native = std::addressof(policy->native);

	return srtp_create(session, native);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, std::uint32_t ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

inline srtp_err_status_t srtp_protect(
  srtp_t session,
  const std::uint8_t* rtp,
  std::size_t rtpLength,
  std::uint8_t* srtp,
  std::size_t* srtpLength,
  std::size_t /*mkiIndex*/)
{
	return srtp2_adaptor::transform(
	  rtp, rtpLength, srtp, srtpLength, srtp2_adaptor::RtpGrowth, [session](void* packet, int* length) {
		  return srtp_protect(session, packet, length);
	  });
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const std::uint8_t* srtp, std::size_t srtpLength, std::uint8_t* rtp, std::size_t* rtpLength)
{
	return srtp2_adaptor::transform(srtp, srtpLength, rtp, rtpLength, 0, [session](void* packet, int* length) {
		return srtp_unprotect(session, packet, length);
	});
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session,
  const std::uint8_t* rtcp,
  std::size_t rtcpLength,
  std::uint8_t* srtcp,
  std::size_t* srtcpLength,
  std::size_t /*mkiIndex*/)
{
	return srtp2_adaptor::transform(
	  rtcp, rtcpLength, srtcp, srtcpLength, srtp2_adaptor::RtcpGrowth, [session](void* packet, int* length) {
		  return srtp_protect_rtcp(session, packet, length);
	  });
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const std::uint8_t* srtcp, std::size_t srtcpLength, std::uint8_t* rtcp, std::size_t* rtcpLength)
{
	return srtp2_adaptor::transform(srtcp, srtcpLength, rtcp, rtcpLength, 0, [session](void* packet, int* length) {
		return srtp_unprotect_rtcp(session, packet, length);
	});
}

// From here on the name means the libsrtp 3 type, which is a pointer.
#define srtp_policy_t srtp2_adaptor::Policy*
