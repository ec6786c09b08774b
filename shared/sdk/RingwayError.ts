import type { AppError } from '#shared/errors/AppError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import type { ErrorBody } from '#shared/errors/error-body.ts'

/** Failures that arise on the device itself. Codes are public API: they are added, never renamed. */
export const deviceErrors = {
  signedOut: { retryable: false, message: 'Nobody is signed in.' },
  callEnded: { retryable: false, message: 'The call has ended.' },
  networkUnreachable: { retryable: true, message: 'The server cannot be reached.' },
  invalidAnswer: { retryable: false, message: 'The server answered in a way that this version does not understand.' },
  mediaNotSupported: { retryable: false, message: 'This environment cannot send or receive media.' },
  deviceNotAllowed: { retryable: true, message: 'Access to the device was not allowed.' },
  deviceNotFound: { retryable: true, message: 'There is no such device.' },
  deviceInUse: { retryable: true, message: 'The device cannot be opened; another application may be using it.' },
  deviceEnded: { retryable: true, message: 'The device has stopped; it may have been unplugged.' },
} as const

export type DeviceErrorCode = keyof typeof deviceErrors

/** Everything the SDK rejects with. `code` is one of the server's codes (shared/errors/codes.ts) or of `deviceErrors`. */
export class RingwayError extends Error {
  override readonly name = 'RingwayError'
  /** A newer server may send codes that this version does not know. */
  readonly code: ErrorCode | DeviceErrorCode | (string & {})
  /** The same request may succeed later. */
  readonly retryable: boolean
  /** HTTP status of the server's answer; null where the failure is the device's own. */
  readonly status: number | null
  /** Finds the failure in the server's log. */
  readonly traceId: string | null
  readonly context: Readonly<Record<string, unknown>>

  constructor(options: {
    code: string
    message: string
    retryable: boolean
    status?: number
    traceId?: string
    context?: Readonly<Record<string, unknown>>
    cause?: unknown
  }) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.retryable = options.retryable
    this.status = options.status ?? null
    this.traceId = options.traceId ?? null
    this.context = options.context ?? {}
  }

  static ofDevice(code: DeviceErrorCode, options: { cause?: unknown } = {}): RingwayError {
    return new RingwayError({ code, ...deviceErrors[code], cause: options.cause })
  }

  static ofBody(body: ErrorBody, options: { status?: number } = {}): RingwayError {
    return new RingwayError({ ...body, ...(options.status === undefined ? {} : { status: options.status }) })
  }

  static ofAppError(error: AppError): RingwayError {
    return new RingwayError({
      code: error.code,
      message: error.message,
      retryable: error.retryable,
      status: error.status,
      context: error.context,
      cause: error.cause,
    })
  }
}
