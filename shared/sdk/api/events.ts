/** Takes the listener off again; calling it twice is harmless. */
export type Unsubscribe = () => void

/** Adds a listener to one of the events of a map from event name to payload. */
export type Listen<Events> = <Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void) => Unsubscribe
