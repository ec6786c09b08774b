/** What only the server's own code and storage would say. */
const insides = [
  /D1_\w+/,
  /SQLITE\w*/,
  /drizzle/i,
  /\bat (async )?\S+ \(/,
  /\.[tj]s:\d+/,
  /node_modules/,
  /(Type|Range|Syntax|Reference|Zod)Error/,
  /\b(select|insert into|delete from) /i,
]

/** What an answer tells of the server's insides, except for what was sent and comes back. */
export function insidesIn(answer: string, sent: string): string[] {
  const echoed = `${sent}${readable(sent)}`
  return insides.flatMap((pattern) => pattern.exec(answer)?.[0] ?? []).filter((found) => !echoed.includes(found))
}

function readable(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
