/**
 * A change of what is stored, by `PUT` or by merge patch: what it makes of the current state is known only
 * once that has been read.
 */
export interface Change<View, Body> {
  /**
   * The whole new state, from the one that the caller is about to replace; null: there is none yet.
   * @throws AppError `preconditionFailed` where the caller meant another state (RFC 9110 §13.1.1), `invalidRequest`.
   */
  of(current: View | null): Promise<Body>
}
