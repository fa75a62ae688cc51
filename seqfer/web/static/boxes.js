// Draws the boxes, face numbers and top emotions of a frame over the video.

export function drawBoxes(canvas, run, rows, chosenFace) {
  const dense = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = canvas;
  if (canvas.width !== Math.round(clientWidth * dense) || canvas.height !== Math.round(clientHeight * dense)) {
    canvas.width = Math.round(clientWidth * dense);
    canvas.height = Math.round(clientHeight * dense);
  }
  const context = canvas.getContext("2d");
  context.setTransform(dense, 0, 0, dense, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  const scale = Math.min(clientWidth / run.width, clientHeight / run.height);
  const [left, top] = [(clientWidth - run.width * scale) / 2, (clientHeight - run.height * scale) / 2];
  context.font = "600 14px system-ui, sans-serif";
  for (const row of rows ?? []) {
    const [emotion, probability] = topEmotion(run.classes, row);
    const [x, y] = [left + row.x1 * scale, top + row.y1 * scale];
    context.strokeStyle = run.colours[emotion] ?? "#fff";
    context.lineWidth = row.face === chosenFace ? 4 : 2;
    context.strokeRect(x, y, (row.x2 - row.x1) * scale, (row.y2 - row.y1) * scale);
    const words = `${row.face}  ${emotion} ${(100 * probability).toFixed(0)} %`;
    const wide = context.measureText(words).width + 10;
    const above = Math.max(0, y - 22);
    context.fillStyle = "rgb(0 0 0 / .72)";
    context.fillRect(x, above, wide, 20);
    context.fillStyle = "#fff";
    context.fillText(words, x + 5, above + 15);
  }
}

export function topEmotion(classes, row) {
  let best = classes[0];
  for (const name of classes) if (row[name] > row[best]) best = name;
  return [best, row[best]];
}
