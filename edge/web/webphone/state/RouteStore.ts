import { z } from 'zod'
import { Store } from './Store.ts'
import { conferenceLink, parseConference } from './conference-link.ts'

/** Where the user is. A call that is on can be looked away from: `home` then shows how to get back. */
export type Route =
  | { readonly view: 'home' }
  | { readonly view: 'contact'; readonly username: string }
  | { readonly view: 'join'; readonly roomId: string }
  | { readonly view: 'call' }

const historyStateSchema = z.discriminatedUnion('view', [
  z.object({ view: z.literal('home') }),
  z.object({ view: z.literal('contact'), username: z.string() }),
  z.object({ view: z.literal('join'), roomId: z.string() }),
  z.object({ view: z.literal('call') }),
])

/** Keeps where the user is in the browser's history: Back closes a contact and looks away from a call. */
export class RouteStore extends Store<Route> {
  readonly #window: Window

  constructor(window: Window) {
    super(currentRoute(window))
    this.#window = window
    window.addEventListener('popstate', () => this.replace(currentRoute(window)))
  }

  /** The conference that the page's address names, whatever is being looked at. */
  get conference(): string | null {
    return conferenceOfAddress(this.#window)
  }

  /** Goes on, leaving something to come back to. */
  go(route: Route, options: { roomId?: string } = {}): void {
    if (isSame(route, this.state)) return
    this.#window.history.pushState(route, '', this.#address(route, options))
    this.replace(route)
  }

  /** Changes where the user is, with nothing to come back to. */
  become(route: Route, options: { roomId?: string } = {}): void {
    this.#window.history.replaceState(route, '', this.#address(route, options))
    if (!isSame(route, this.state)) this.replace(route)
  }

  /** The page was left in a call that is over by now: a conference's door remains, anything else is gone. */
  leaveCall(): void {
    if (this.state.view === 'call') this.become(routeOfAddress(this.#window))
  }

  back(): void {
    this.#window.history.back()
  }

  /** A conference keeps its address while one is in it, so that it can be copied and survives a reload. */
  #address(route: Route, { roomId }: { roomId?: string }): string {
    const { origin, search } = this.#window.location
    const room = route.view === 'join' ? route.roomId : route.view === 'call' ? roomId : undefined
    const test = new URLSearchParams(search).has('test')
    const address = room === undefined ? `${origin}/` : conferenceLink(room, origin)
    return test ? `${address}${room === undefined ? '?' : '&'}test` : address
  }
}

function currentRoute(window: Window): Route {
  const stored = historyStateSchema.safeParse(window.history.state)
  return stored.success ? stored.data : routeOfAddress(window)
}

const conferenceOfAddress = (window: Window): string | null =>
  parseConference(new URLSearchParams(window.location.search).get('room') ?? '')

function routeOfAddress(window: Window): Route {
  const roomId = conferenceOfAddress(window)
  return roomId === null ? { view: 'home' } : { view: 'join', roomId }
}

const isSame = (a: Route, b: Route): boolean => JSON.stringify(a) === JSON.stringify(b)
