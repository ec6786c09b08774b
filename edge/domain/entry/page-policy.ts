/**
 * Content security policies (CSP level 3). A page of the web applications gets everything from its own
 * origin; `blob:` and `mediastream:` are what a call's audio and video elements play.
 */
export const pagePolicy: readonly string[] = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob:",
  "media-src 'self' blob: mediastream:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
]

/** The page of the API's documentation: its renderer sets styles and draws images of its own. */
const documentationPolicy: readonly string[] = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
]

/** What an API answers is no page: a browser that takes it for one loads and runs nothing, in no frame. */
const dataPolicy: readonly string[] = ["default-src 'none'", "frame-ancestors 'none'"]

/** Nobody lays a page of ours invisibly under a page of theirs. */
const framing = "frame-ancestors 'self'"

export const policyFor = (kind: 'data' | 'documentation' | 'page'): string =>
  ({ data: dataPolicy, documentation: [...documentationPolicy, framing], page: [...pagePolicy, framing] })[kind].join('; ')

/** What the webphone needs of a device, and nothing else, for its own pages and no frame in them. */
export const permissionsPolicy = [
  ...['camera', 'microphone', 'display-capture', 'speaker-selection', 'autoplay', 'fullscreen', 'picture-in-picture'].map(
    (feature) => `${feature}=(self)`,
  ),
  ...['screen-wake-lock', 'clipboard-write'].map((feature) => `${feature}=(self)`),
  ...['geolocation', 'payment', 'usb', 'serial', 'hid', 'midi', 'accelerometer', 'gyroscope', 'magnetometer'].map(
    (feature) => `${feature}=()`,
  ),
].join(', ')
