/** Whether `text` takes at most `limit` bytes of UTF-8, without encoding it unless it is a near thing. */
export function fitsInBytes(text: string, limit: number): boolean {
  if (text.length > limit) return false
  // A UTF-16 code unit takes at most three bytes (RFC 3629 §3; a surrogate pair takes four).
  if (text.length * 3 <= limit) return true
  return new TextEncoder().encode(text).byteLength <= limit
}
