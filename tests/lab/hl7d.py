"""The lab's HL7 listener, a toy interface engine behind MLLP: its texts are ours, only its codes are the standard's.

    python hl7d.py PORT WORKLISTS PACS

Orders (ORM^O01) become files in the folder WORKLISTS, for DCMTK's wlmscpfs. Merges (ADT^A40) move studies in the PACS,
whose REST address is PACS. Reports (ORU^R01) go there as PDF documents. It prints one line for each message.
"""

import base64
import json
import socketserver
import sys
import urllib.request
from datetime import datetime
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import generate_uid

CHARSETS = {"8859/1": ("latin-1", "ISO_IR 100"), "UNICODE UTF-8": ("utf-8", "ISO_IR 192")}  # MSH-18: codec, (0008,0005)
REJECTED = {200, 201, 202, 203, 207}  # answered with AR, all others with AE


class RefusalError(Exception):
    """Why a message is not accepted: a code of table 0357, what is said, and the place (segment^number^field)."""


class Message:
    """Segments of fields, cut by the separators that the header of the message itself declares."""

    def __init__(self, data: bytes) -> None:
        header = data.partition(b"\r")[0].decode("latin-1").ljust(8)
        self.data, (self.separator, self.component, self.repetition) = data, header[3:6]
        self.segments = [header.split(self.separator)]  # enough for an answer, if the rest cannot be read

    def read(self) -> None:
        """All segments, in the character set that MSH-18 names; when it names none, Latin-1 without a question."""
        if (declared := self.get("MSH", 18) or "8859/1") not in CHARSETS:
            raise RefusalError(103, f"Table value not found: character set {declared}", "MSH^1^18")
        codec, self.charset = CHARSETS[declared]
        try:
            self.segments = [line.split(self.separator) for line in self.data.decode(codec).split("\r")]
        except UnicodeDecodeError as bad:
            raise RefusalError(102, f"Data type error: 0x{bad.object[bad.start]:X} in {declared}", "MSH^1^18") from None

    def get(self, segment: str, number: int, component: int = 1) -> str:
        """A component of the first repetition of a field; empty when it is not there."""
        fields = next((fields for fields in self.segments if fields[0] == segment), [])
        number -= segment == "MSH"  # MSH-1 is the separator itself
        parts = "".join(fields[number : number + 1]).split(self.repetition)[0].split(self.component)
        return "".join(parts[component - 1 : component])

    def need(self, segment: str, number: int, what: str) -> str:
        """The first component of a field that must be there."""
        if not any(fields[0] == segment for fields in self.segments):
            raise RefusalError(100, f"Segment sequence error: {segment} is missing", segment)
        if text := self.get(segment, number):
            return text
        raise RefusalError(101, f"Required field missing: {what}", f"{segment}^1^{number}")

    def patient(self) -> dict[str, str]:
        """Who it is about, in terms of DICOM."""
        number, family = self.need("PID", 3, "patient identifier"), self.need("PID", 5, "patient name")
        name, birth, sex = f"{family}^{self.get('PID', 5, 2)}", self.get("PID", 7)[:8], self.get("PID", 8)
        return {"PatientID": number, "PatientName": name, "PatientBirthDate": birth, "PatientSex": sex}


def pacs(path: str, data: object = None, method: str | None = None):
    """Ask the PACS by REST: objects go as JSON, files as they are."""
    body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
    with urllib.request.urlopen(urllib.request.Request(sys.argv[3] + path, body, method=method), timeout=30) as answer:
        content = answer.read()
        return json.loads(content) if "json" in answer.headers["Content-Type"] else content


def order(message: Message) -> str:
    """ORM^O01: a new, a changed or a canceled order."""
    item, step, patient = Dataset(), Dataset(), message.patient()
    action, accession = message.need("ORC", 1, "order control"), message.need("OBR", 18, "accession number")
    path = Path(sys.argv[2]) / f"{Path(accession).name}.wl"
    if action != "NW" and not path.exists():
        raise RefusalError(204, f"Unknown key identifier: no order {accession}", "OBR^1^18")
    if action == "CA":
        path.unlink()
        return f"worklist entry {accession} removed"
    item.SpecificCharacterSet, item.AccessionNumber = message.charset, accession
    for keyword, value in patient.items():
        setattr(item, keyword, value)
    item.StudyInstanceUID = message.get("ZDS", 1) or generate_uid(entropy_srcs=[accession])
    item.RequestedProcedureID = message.need("OBR", 19, "requested procedure")
    item.RequestedProcedureDescription = step.ScheduledProcedureStepDescription = message.get("OBR", 4, 2)
    step.ScheduledProcedureStepID = message.need("OBR", 20, "scheduled procedure step")
    step.Modality, step.ScheduledStationAETitle, start = (message.get("OBR", number) for number in (24, 21, 36))
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = start[:8], start[8:14]
    item.ScheduledProcedureStepSequence = [step]
    item.save_as(path, implicit_vr=False, little_endian=True)
    return f"worklist entry {accession} for {patient['PatientID']}"


def merge(message: Message) -> str:
    """ADT^A40: what stands under the number in MRG-1 gets the one in PID-3, file by file; the UIDs stay."""
    patient, old = message.patient(), message.need("MRG", 1, "prior patient identifier")
    studies = pacs("/tools/find", {"Level": "Study", "Query": {"PatientID": old}})
    for instance in pacs("/tools/find", {"Level": "Instance", "Query": {"PatientID": old}}):
        change = {"Replace": patient, "Keep": [f"{u}InstanceUID" for u in ("Study", "Series", "SOP")], "Force": True}
        pacs("/instances", pacs(f"/instances/{instance}/modify", change))
        pacs(f"/instances/{instance}", method="DELETE")
    return f"studies moved: {len(studies)}, from {old} to {patient['PatientID']}"


def report(message: Message) -> str:
    """ORU^R01: the PDF in OBX-5 goes to the study that has the accession number."""
    number, accession = message.patient()["PatientID"], message.need("OBR", 18, "accession number")
    encoding, text = message.get("OBX", 5, 4), message.get("OBX", 5, 5)
    if encoding != "Base64" or not (pdf := base64.b64decode(text)).startswith(b"%PDF-"):
        raise RefusalError(102, f"Data type error: no PDF in encoding '{encoding}'", "OBX^1^5")
    query = {"AccessionNumber": accession, "PatientID": number}
    if not (studies := pacs("/tools/find", {"Level": "Study", "Query": query})):
        raise RefusalError(204, f"Unknown key identifier: no study {accession} of {number}", "OBR^1^18")
    tags, content = {"Modality": "DOC", "SeriesDescription": "REPORT"}, f"data:application/pdf;base64,{text}"
    pacs("/tools/create-dicom", {"Parent": studies[0], "Tags": tags, "Content": content})
    return f"PDF of {len(pdf)} bytes attached to {accession}"


def answer(message: Message) -> bytes:
    """Do what a message asks for; the acknowledgment."""
    kinds = {"ORM": ("O01", order), "ADT": ("A40", merge), "ORU": ("R01", report)}
    kind, event, mode, version = (message.get("MSH", *place) for place in ((9,), (9, 2), (11,), (12,)))
    verdict, error = "AA", ""
    try:
        for code, fits, text, place in (
            (200, kind in kinds, f"Unsupported message type: {kind}", "MSH^1^9^1^1"),
            (201, event == kinds.get(kind, [""])[0], f"Unsupported event code: {event}", "MSH^1^9^1^2"),
            (202, mode == "P", f"Unsupported processing id: {mode}", "MSH^1^11"),
            (203, version.startswith("2."), f"Unsupported version id: {version}", "MSH^1^12"),
        ):
            if not fits:
                raise RefusalError(code, text, place)
        message.read()
        text = kinds[kind][1](message)
    except (RefusalError, OSError) as refusal:
        known = isinstance(refusal, RefusalError)
        code, text, place = refusal.args if known else (207, f"Application internal error: {refusal}", "")
        verdict = "AR" if code in REJECTED else "AE"
        error = f"ERR||{place}|{code}^{text.partition(':')[0]}^HL70357|E\r"
    application, facility, control = (message.get("MSH", number) for number in (3, 4, 10))
    print(f"{datetime.now():%Y-%m-%d %H:%M:%S} {verdict} {kind} {control} {text}", flush=True)
    header = rf"MSH|^~\&|BROKER|LAB|{application}|{facility}|{datetime.now():%Y%m%d%H%M%S}||ACK|{control}A|P|2.5"
    text = text.replace("^", "\\S\\")  # what separates is escaped
    return f"\x0b{header}\rMSA|{verdict}|{control}|{text}\r{error}\x1c\r".encode()


class Listener(socketserver.BaseRequestHandler):
    """One connection: messages between 0x0B and 0x1C 0x0D, each answered before the next; the rest is dropped."""

    def handle(self) -> None:
        """Until the sender hangs up."""
        data = b""
        while more := self.request.recv(65536):
            *frames, data = (data + more).split(b"\x1c\r")
            for frame in frames:
                self.request.sendall(answer(Message(frame.partition(b"\x0b")[2])))
        if data:
            print(f"{datetime.now():%Y-%m-%d %H:%M:%S} -- {len(data)} bytes without MLLP framing, dropped", flush=True)


if __name__ == "__main__":
    Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
    (Path(sys.argv[2]) / "lockfile").touch()
    socketserver.ThreadingTCPServer(("", int(sys.argv[1])), Listener).serve_forever()
