/** The outcome of an operation whose failure is expected. Faults are thrown as `AppError`. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value })

export const err = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error })

/** Marks a place that exhaustive narrowing makes unreachable; reaching it is a programmer's mistake. */
export function assertNever(value: never): never {
  throw new TypeError(`Unreachable case: ${JSON.stringify(value)}`)
}
