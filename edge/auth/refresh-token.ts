import { randomText, sha256 } from './bytes.ts'

/** Opaque, 256 random bits; only its hash is stored. A hash of what cannot be guessed needs no salt. */
export async function newRefreshToken(): Promise<{ token: string; hash: string }> {
  const token = randomText(32)
  return { token, hash: await hashOfRefreshToken(token) }
}

export const hashOfRefreshToken = (token: string): Promise<string> => sha256(`refresh token ${token}`)
