// Runs before the first paint, so that a chosen theme does not flash the other one.
try {
  const theme = /"theme":"(light|dark)"/.exec(localStorage.getItem('ringway.preferences') ?? '')?.[1]
  if (theme !== undefined) document.documentElement.dataset.theme = theme
} catch {
  // Without storage the system's theme applies.
}
