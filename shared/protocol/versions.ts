/** WebSocket subprotocols (RFC 6455 §1.9), newest first. */
export const wapiVersions = ['ringway.v1'] as const

export const fleetVersions = ['ringway.fleet.v1'] as const

export type WapiVersion = (typeof wapiVersions)[number]

/**
 * Credentials travel as further subprotocols, since a browser's WebSocket takes no headers:
 * `bearer.<access token>` and, for rooms, `ticket.<room ticket>`.
 */
export const bearerPrefix = 'bearer.'
export const ticketPrefix = 'ticket.'

/** The first offered version that we serve, or undefined. */
export function negotiateVersion<V extends string>(offered: readonly string[], served: readonly V[]): V | undefined {
  return served.find((version) => offered.includes(version))
}

/** Splits a `Sec-WebSocket-Protocol` header into what it offers and the credentials it carries. */
export function parseSubprotocols(header: string | null): { offered: string[]; bearer?: string; ticket?: string } {
  const offered: string[] = []
  let bearer: string | undefined
  let ticket: string | undefined
  for (const value of (header ?? '').split(',').map((item) => item.trim())) {
    if (value.startsWith(bearerPrefix)) bearer = value.slice(bearerPrefix.length)
    else if (value.startsWith(ticketPrefix)) ticket = value.slice(ticketPrefix.length)
    else if (value !== '') offered.push(value)
  }
  return { offered, ...(bearer === undefined ? {} : { bearer }), ...(ticket === undefined ? {} : { ticket }) }
}
