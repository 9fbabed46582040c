/**
 * SAM's encoding of the middles of the image's cells, [1, C, cells, cells]: sine and cosine of 2 pi times the position in
 * -1..1 projected by a random matrix (segment-anything, `PositionEmbeddingRandom`).
 * @param matrix - [2, C / 2], x first
 */
export function gridPositions(matrix: Float32Array, cells: number): Float32Array {
  const half = matrix.length / 2;
  const area = cells * cells;
  const positions = new Float32Array(2 * half * area);
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const x = (2 * (column + 0.5)) / cells - 1;
      const y = (2 * (row + 0.5)) / cells - 1;
      for (let k = 0; k < half; k++) {
        const angle = 2 * Math.PI * (x * (matrix[k] as number) + y * (matrix[half + k] as number));
        positions[k * area + row * cells + column] = Math.sin(angle);
        positions[(half + k) * area + row * cells + column] = Math.cos(angle);
      }
    }
  }
  return positions;
}
