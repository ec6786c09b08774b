/** The keys of the webphone: how `useShortcuts` names them, how they are shown, and how `aria-keyshortcuts` names them. */
const key = (chord: string) => ({
  chord,
  shown: chord.length === 1 ? chord.toUpperCase() : chord.replace(/\+(.)$/u, (_, letter: string) => `+${letter.toUpperCase()}`),
})

export const keys = {
  search: key('/'),
  microphone: key('m'),
  camera: key('v'),
  screen: key('s'),
  add: key('a'),
  people: key('p'),
  incoming: key('i'),
  hangUp: key('Shift+h'),
  help: key('?'),
} as const
