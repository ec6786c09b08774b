/** How many tiles stand beside and above one another, and how large each is, in pixels. */
export interface TileGrid {
  readonly columns: number
  readonly rows: number
  readonly width: number
  readonly height: number
}

/** A tile may be as wide as a camera's picture and as tall as a person. */
const widest = 16 / 9
const tallest = 4 / 5

/**
 * How good tiles of this size are: their area, less for what they cut off a camera's picture. The root
 * weighs it gently, because faces stand in the middle.
 */
const worth = (width: number, height: number): number => width * height * Math.cbrt(width / height / widest)

/** The grid that gives `count` tiles the most room in a box; ties go to fewer columns. */
export function tileGrid({ width, height, count, gap }: { width: number; height: number; count: number; gap: number }): TileGrid {
  let best: TileGrid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 }
  let bestWorth = 0
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns)
    const cellWidth = (width - gap * (columns - 1)) / columns
    const cellHeight = (height - gap * (rows - 1)) / rows
    if (cellWidth <= 0 || cellHeight <= 0) continue
    const tileWidth = Math.min(cellWidth, cellHeight * widest)
    const tileHeight = Math.min(cellHeight, tileWidth / tallest)
    const candidate = { columns, rows, width: Math.floor(tileWidth), height: Math.floor(tileHeight) }
    if (candidate.height > 0 && worth(candidate.width, candidate.height) > bestWorth) {
      best = candidate
      bestWorth = worth(candidate.width, candidate.height)
    }
  }
  return best
}
