/** Sizes and counts that both sides of a wire must agree on. */

/** Largest WebSocket frame or HTTP message body a client may send, in bytes of UTF-8. */
export const maxClientMessageBytes = 64 * 1024

/** Largest frame on the links between edge and media hosts, in bytes of UTF-8. */
export const maxFleetMessageBytes = 1024 * 1024

/** State events kept for resume, per room and per session. */
export const keptEvents = 512

/** Answers kept for requests that may be sent again after a resume, per session. */
export const keptAnswers = 128
