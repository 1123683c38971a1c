/** What was dropped: files, and all files below folders, each with its path from where it was dropped. */

const MOST = 20_000; // files of one drop
const LEFT_OUT = /(?:^|\/)(?:\.|Thumbs\.db$|desktop\.ini$)/i; // hidden files and what systems leave behind

/** Whether anything dropped is a folder. Ask while the event is being handled: later its items are gone. */
export function hasFolder(transfer) {
  return [...transfer.items].some((item) => item.webkitGetAsEntry?.()?.isDirectory);
}

/** `[{file, path}]` of everything dropped. Call it while the event is being handled; it reads on afterwards. */
export function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return Promise.resolve([...transfer.files].map((file) => ({ file, path: file.name })));
  return below(entries);
}

/** `[{file, path}]` of files that an `<input type=file>` gave. */
export const chosen = (files) => [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(({ path }) => !LEFT_OUT.test(path));

async function below(entries) {
  const found = [];
  const todo = [...entries];
  while (todo.length && found.length < MOST) {
    const entry = todo.shift();
    const path = entry.fullPath.replace(/^\//, "");
    if (LEFT_OUT.test(path)) continue;
    if (entry.isDirectory) todo.push(...(await children(entry)));
    else found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path });
  }
  return found;
}

/** A reader gives a hundred at a time until it gives none. */
async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
