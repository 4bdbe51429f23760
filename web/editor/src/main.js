// The form of a post with JavaScript. Without it the form is whole, too.
import { replaceTextarea } from "./source.js";

const textarea = document.querySelector("form.editor textarea[name=markdown]");
if (textarea) replaceTextarea(textarea, []);
