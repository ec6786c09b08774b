import type { Connect } from './Connection.ts'

/** WebSocket attempts in a row that must fail before HTTP is tried. */
const patience = 2
/** The same where a WebSocket has been had before: then it is likelier that the server is away, as in a restart. */
const patienceWithKnownWay = 12

/**
 * Tries WebSockets first; where they cannot be had, as behind some proxies, HTTP. The way that opened
 * last is tried first; while neither opens, they take turns.
 */
export function withFallback(ways: { websocket: Connect; http: Connect }): Connect {
  let way: keyof typeof ways = 'websocket'
  let strikes = 0
  let known = false

  const failed = (): void => {
    const enough = known ? patienceWithKnownWay : patience
    strikes = way === 'http' ? enough - 1 : strikes + 1
    way = way === 'websocket' && strikes >= enough ? 'http' : 'websocket'
  }

  return (credentials, handlers) => {
    let pending = true
    const settle = (outcome: () => void): void => {
      if (pending) outcome()
      pending = false
    }
    const connection = ways[way](credentials, {
      message: (text) => handlers.message(text),
      opened: () => {
        settle(() => {
          strikes = 0
          known ||= way === 'websocket'
        })
        handlers.opened()
      },
      closed: (code, refusal) => {
        settle(failed)
        handlers.closed(code, refusal)
      },
    })
    return {
      send: (message) => connection.send(message),
      close: () => {
        // Whoever gives an attempt up has waited long enough.
        settle(failed)
        connection.close()
      },
    }
  }
}
