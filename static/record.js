/* Recording one's voice where there is no phone to do it: [data-record="id of a file input"] with a start and a stop
   button. The recording is put into that input, as a chosen file would be, and sent with its form. Shown only where
   the browser can record; the file input works without. */
(() => {
  "use strict";

  const LONGEST_MS = 5 * 60 * 1000;
  const canRecord = navigator.mediaDevices?.getUserMedia && window.MediaRecorder && window.DataTransfer;

  const setUp = (place) => {
    const input = document.getElementById(place.dataset.record);
    const start = place.querySelector("[data-record-start]");
    const stop = place.querySelector("[data-record-stop]");
    const says = place.querySelector("[data-record-says]");
    if (!input) return;
    place.hidden = false;
    let recorder = null;

    const show = (recording) => {
      start.hidden = recording;
      stop.hidden = !recording;
      (recording ? stop : start).focus();
    };

    start.addEventListener("click", async () => {
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        says.textContent = window.keyworkWords("The microphone cannot be used here. You can choose a recording instead.");
        return;
      }
      const parts = [];
      recorder = new MediaRecorder(stream);
      recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
      recorder.addEventListener("stop", () => {
        stream.getTracks().forEach((track) => track.stop());
        clearTimeout(longest);
        const type = recorder.mimeType || "audio/webm";
        const files = new DataTransfer();
        files.items.add(new File(parts, type.includes("mp4") ? "voice.m4a" : "voice.weba", { type }));
        input.files = files.files;
        says.textContent = window.keyworkWords("Recorded. Press “Add it” to keep it.");
        show(false);
      });
      recorder.start();
      const longest = setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST_MS);
      says.textContent = window.keyworkWords("Recording. Speak now.");
      show(true);
    });
    stop.addEventListener("click", () => recorder?.state === "recording" && recorder.stop());
  };

  if (canRecord) document.querySelectorAll("[data-record]").forEach(setUp);
})();
