const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?(?=\/|\?|$)/

/**
 * Whether answers may go to `uri`: it is one of the registered ones, letter by letter (RFC 9700 §2.1).
 * Only the port of this machine's own addresses is free, since a native app takes any that it gets
 * (RFC 8252 §7.3).
 */
export const isRegisteredRedirect = (uri: string, registered: readonly string[]): boolean =>
  registered.includes(uri) ||
  (hasUsablePort(uri) && registered.some((known) => loopback.test(known) && withoutPort(known) === withoutPort(uri)))

const withoutPort = (uri: string): string => uri.replace(loopback, 'http://$1')

/** A parser reads what is compared here as a text, so that it ends where it seems to end. */
const hasUsablePort = (uri: string): boolean => loopback.test(uri) && URL.canParse(uri) && !/[#\\@\s]/.test(uri)
